/** How much of a quota is used. */
import { h } from "../dom.js";
import { plural, size } from "../format.js";

export function meter({ bytes, count, quota }) {
  const text = `${size(bytes)} of ${size(quota)} in ${plural(count, "file")}`;
  const bar = h("progress", { max: Math.max(quota, 1), value: Math.min(bytes, quota), "aria-label": "Used of the quota" });
  return h("div", { class: "usage" }, h("p", {}, text), bar);
}
