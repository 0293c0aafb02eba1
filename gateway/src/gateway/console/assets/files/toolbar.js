/** The field to search in, and the switch between list and grid. */
import { h } from "../dom.js";
import { icon } from "../icons.js";

/** `onsearch(text)` is called while it is typed. */
export function searchField(text, onsearch) {
  const input = h("input", {
    type: "search", value: text, placeholder: "Search names, tags and contents", "aria-label": "Search", maxlength: 200, enterkeyhint: "search",
    oninput: (event) => onsearch(event.target.value.trim()),
  });
  return h("form", { class: "search", role: "search", onsubmit: (event) => event.preventDefault() }, icon("search"), input);
}

export function viewSwitch(place, onview) {
  const button = (view, label) => {
    const one = h("button", { class: "icon-only", type: "button", "aria-label": label, title: label, "aria-pressed": String(place.view === view), onclick: () => {
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === one));
      onview(view);
    } }, icon(view));
    return one;
  };
  const group = h("div", { class: "switch", role: "group", "aria-label": "View" }, button("list", "As a list"), button("grid", "As a grid"));
  return group;
}
