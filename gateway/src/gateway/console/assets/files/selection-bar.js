/** What can be done with what is selected, shown while something is. */
import { menu } from "../dialogs.js";
import { fill, h } from "../dom.js";
import { plural } from "../format.js";
import { icon } from "../icons.js";
import { deeds } from "./deeds.js";

export function selectionBar(selection, context, of = deeds) {
  const bar = h("div", { class: "selection", role: "toolbar", "aria-label": "What is selected", hidden: true });
  selection.addEventListener("change", () => {
    const held = bar.contains(document.activeElement);
    bar.hidden = selection.size === 0;
    const entries = of(selection.items, context).filter((entry) => entry);
    fill(bar, h("strong", {}, plural(selection.size, "item")), entries.filter((entry) => entry.isOften).map(button), more(entries.filter((entry) => !entry.isOften)),
      h("button", { class: "quiet icon-only", type: "button", "aria-label": "Select nothing", title: "Select nothing", onclick: () => selection.clear() }, icon("close")));
    if (held && !bar.hidden) bar.querySelector("button")?.focus();
  });
  return bar;
}

const button = (entry) =>
  h("button", { class: entry.danger ? "quiet danger" : "quiet", type: "button", title: entry.label, "aria-label": entry.label, onclick: entry.run }, icon(entry.icon), h("span", {}, entry.label));

function more(entries) {
  if (!entries.length) return null;
  const opener = h("button", { class: "quiet icon-only", type: "button", "aria-label": "More", title: "More", "aria-haspopup": "menu", onclick: () => menu(opener, entries) }, icon("more"));
  return opener;
}
