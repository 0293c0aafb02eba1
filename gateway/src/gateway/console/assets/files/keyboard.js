/** What the keys do in a list: walk, select, open; whatever else is the page's. */
import { announce } from "../dom.js";
import { number } from "../format.js";
import { trying } from "../toasts.js";

export function onKeys(element, { list, source, selection, through, onopen, onkey, onmenu }) {
  const walk = (index, event) => {
    const to = Math.max(0, Math.min(index, source.length - 1));
    list.activate(to);
    if (event.shiftKey) through(to);
  };

  const steps = {
    ArrowDown: () => list.active + list.columns,
    ArrowUp: () => list.active - list.columns,
    ArrowRight: () => list.active + 1,
    ArrowLeft: () => list.active - 1,
    PageDown: () => list.active + list.page * list.columns,
    PageUp: () => list.active - list.page * list.columns,
    Home: () => 0,
  };

  const toEnd = trying(async (event) => {
    if (!source.isWhole) announce("On the way to the end");
    const count = await source.end();
    if (!source.isWhole || !count) return;
    walk(count - 1, event);
    announce(`${number(count)} in all`);
  });

  const all = trying(async () => {
    const count = await source.end();
    if (!(await selection.range(source, 0, count))) announce("No more than 1,000 can be selected at once");
  });

  element.addEventListener("keydown", (event) => {
    const item = source.at(Math.max(0, list.active));
    const inside = event.target.closest("input, a, button");
    if (event.altKey || event.defaultPrevented) return;
    if (event.key in steps) {
      event.preventDefault();
      walk(list.active < 0 ? 0 : steps[event.key](), event);
    } else if (event.key === "End") {
      event.preventDefault();
      toEnd(event);
    } else if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      all();
    } else if (event.key === "Escape" && selection.size) {
      event.preventDefault();
      selection.clear();
    } else if (event.key === "Enter" && item && !inside) {
      event.preventDefault();
      onopen(item, list.active);
    } else if (event.key === " " && item && !inside) {
      event.preventDefault();
      selection.toggle(item, list.active);
    } else if ((event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) && item) {
      event.preventDefault();
      onmenu(item, list.active, list.elementAt(list.active));
    } else if (item && onkey(event, selection.size ? selection.items : [item])) {
      event.preventDefault();
    }
  });
}
