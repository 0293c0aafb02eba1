/** Keys for the whole page of files, and what there are. */
import { open } from "../dialogs.js";
import { h } from "../dom.js";

const KEYS = [
  ["/", "Search"], ["Arrows, Page Up and Down, Home, End", "Walk"], ["Enter", "Open"], ["Space", "Select, or not any more"],
  ["Shift with arrows or a click", "Select all between"], ["Ctrl + click", "Select one more"], ["Ctrl + A", "Select all"], ["Escape", "Select nothing"],
  ["F2", "Rename"], ["Delete", "To the trash"], ["Shift + F10", "What can be done"], ["← →", "In a preview: the file before, the next"], ["?", "These keys"],
];

export function shortcuts(event, search) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, .menu")) return;
  if (event.key === "/") search.querySelector("input").focus();
  else if (event.key === "?") open("Keys", h("dl", { class: "facts keys", tabindex: 0 }, KEYS.map(([key, deed]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, deed)])));
  else return;
  event.preventDefault();
}
