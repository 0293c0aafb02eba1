/** The list that is looked at and worked in: what is drawn, what is selected, and what keyboard and pointer do. */
import { announce, h } from "../dom.js";
import { plural } from "../format.js";
import { tell, trying } from "../toasts.js";
import { listHead } from "./list-head.js";
import { onKeys } from "./keyboard.js";
import { NARROWEST_TILE, drawn, heightIn } from "./rows.js";
import { Selection } from "./selection.js";
import { VirtualList } from "./virtual-list.js";

/**
 * `onopen(item)`, `onmenu(item, index, anchor, point)`, `onkey(event, items)` for what the page itself does with a key;
 * `columns` and `onsort` as listHead() takes them; `draw` for rows of another kind.
 */
export function browser({ place, source, label, columns, onsort, onopen, onmenu, onkey = () => false, draw = drawn, signal }) {
  const selection = new Selection();
  const isGrid = place.view === "grid";
  const body = h("div", { role: "rowgroup", class: "rows" });
  const head = listHead({ place, columns, onsort });
  const menuAt = (item, index, anchor, point) => {
    list.activate(index, { focus: false });
    if (!selection.has(item.key)) selection.only(item, index);
    onmenu(item, anchor, point);
  };
  const list = new VirtualList(source, { body, head, height: heightIn(place), narrowest: isGrid ? NARROWEST_TILE : null, draw: draw({ place, selection, onmenu: menuAt }), signal });
  const element = list.element;
  element.classList.add(isGrid ? "as-grid" : "as-list");
  for (const [name, value] of Object.entries({ role: "grid", "aria-label": label, "aria-multiselectable": "true", "aria-colcount": isGrid ? 1 : columns.length + 2 })) {
    element.setAttribute(name, value);
  }
  const told = () => element.setAttribute("aria-rowcount", source.isWhole ? source.known + 1 : -1);
  source.addEventListener("change", told, { signal });

  selection.addEventListener("change", () => {
    for (const row of body.children) {
      const isSelected = selection.has(row.dataset.key);
      row.setAttribute("aria-selected", String(isSelected));
      const box = row.querySelector("input[type=checkbox]");
      if (box) box.checked = isSelected;
    }
    announce(selection.size ? `${plural(selection.size, "item")} selected` : "Nothing selected");
  });

  const indexOf = (target) => Number(target.closest("[data-index]")?.dataset.index ?? -1);
  const itemAt = (index) => (index < 0 ? undefined : source.at(index));

  const through = trying(async (index) => {
    if (!(await selection.through(source, index))) tell("No more than 1,000 can be selected at once");
  });

  element.addEventListener("click", (event) => {
    const index = indexOf(event.target);
    const item = itemAt(index);
    if (!item) return;
    list.activate(index, { focus: !event.target.matches("input, a, button") });
    if (event.target.matches("input[type=checkbox]")) return selection.toggle(item, index);
    const link = event.target.closest("a");
    if (link && (event.ctrlKey || event.metaKey || event.shiftKey)) event.preventDefault();
    else if (link?.classList.contains("title") && item.kind === "file") {
      event.preventDefault();
      return onopen(item, index);
    } else if (link) return undefined;
    if (event.shiftKey) return through(index);
    return event.ctrlKey || event.metaKey ? selection.toggle(item, index) : selection.only(item, index);
  });
  element.addEventListener("dblclick", (event) => {
    const index = indexOf(event.target);
    if (itemAt(index) && !event.target.closest("a, input, button")) onopen(itemAt(index), index);
  });
  element.addEventListener("contextmenu", (event) => {
    const index = indexOf(event.target);
    if (!itemAt(index) || event.shiftKey) return;
    event.preventDefault();
    const point = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : undefined;
    menuAt(itemAt(index), index, list.elementAt(index), point);
  });
  element.addEventListener("focusin", (event) => {
    const index = indexOf(event.target);
    if (index >= 0 && list.active !== index && event.target.role === "row") list.activate(index, { focus: false });
  });
  onKeys(element, { list, source, selection, through, onopen, onkey, onmenu: menuAt });

  return { element, list, selection, focus: () => list.activate(Math.max(0, list.active)) };
}
