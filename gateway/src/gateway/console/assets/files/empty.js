/** What is said where there is nothing to list, and where it cannot be had. */
import { announce, fill, h } from "../dom.js";
import { plural } from "../format.js";
import { icon } from "../icons.js";

/** `texts` are `{icon, title, text}` for an empty list. */
export function emptiness(source, texts, signal) {
  const region = h("div", { class: "emptiness" });
  let said = null;
  const show = () => {
    region.parentElement?.setAttribute("aria-busy", String(!source.isWhole && !source.known && !source.problem));
    if (source.problem) {
      fill(region, h("div", { class: "refusal", role: "alert" }, source.problem.message, " ",
        h("button", { class: "plain", type: "button", onclick: () => source.retry() }, "Try again")));
    } else if (source.isWhole && source.known === 0) {
      fill(region, h("div", { class: "empty" }, icon(texts.icon), h("h2", {}, texts.title), h("p", {}, texts.text)));
    } else fill(region);
    region.parentElement?.classList.toggle("is-empty", source.isWhole && source.known === 0);
    const count = source.isWhole ? plural(source.known, "item") : null;
    if (count && said !== count) announce((said = count));
  };
  source.addEventListener("change", show, { signal });
  return region;
}

export function emptyFolder(source, { q, tag }, signal) {
  const texts = q || tag
    ? { icon: "search", title: "Nothing is found", text: "Words of names, of tags and of what is inside documents are searched." }
    : { icon: "folder", title: "Nothing is here yet", text: "Drop files here, or choose them with Upload." };
  return emptiness(source, texts, signal);
}
