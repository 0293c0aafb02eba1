/** Questions, forms and menus on top of the page. The focus goes back to where it was. */
import { h } from "./dom.js";
import { icon } from "./icons.js";

let count = 0;

/**
 * Opens a <dialog>; answers it. It is removed once closed, and `onclose` is called with its return value. Going to another page closes it,
 * unless it `stays`.
 */
export function open(title, content, { onclose, kind = "", stays = false } = {}) {
  const id = `dialog-${(count += 1)}`;
  const before = document.activeElement;
  const close = h("button", { class: "quiet icon-only", type: "button", "aria-label": "Close", onclick: () => dialog.close("") }, icon("close"));
  const dialog = h("dialog", { class: kind, "aria-labelledby": id },
    h("header", {}, h("h2", { id }, title), close), h("div", { class: "content" }, content));
  const leave = () => dialog.close("");
  if (!stays) addEventListener("hashchange", leave);
  dialog.addEventListener("close", () => {
    removeEventListener("hashchange", leave);
    dialog.remove();
    if (before?.isConnected) before.focus();
    onclose?.(dialog.returnValue);
  });
  // A click beside it, and not the end of a drag that began inside, as when text is selected.
  let pressed = null;
  dialog.addEventListener("pointerdown", (event) => { pressed = event.target; });
  dialog.addEventListener("click", (event) => event.target === dialog && pressed === dialog && dialog.close(""));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Settled with true where the person agrees. */
export function ask(title, text, { yes = "OK", danger = false } = {}) {
  return new Promise((resolve) => {
    const agree = h("button", { class: danger ? "danger" : "primary", type: "button", onclick: () => dialog.close("yes") }, yes);
    const cancel = h("button", { type: "button", autofocus: danger, onclick: () => dialog.close("") }, "Cancel");
    const dialog = open(title, [h("p", {}, text), h("div", { class: "buttons" }, cancel, agree)], {
      onclose: (answer) => resolve(answer === "yes"),
    });
  });
}

/**
 * A menu below `anchor`: `entries` are `{label, icon, run, danger}`, or null for a line between them. Arrow keys walk, Escape closes.
 */
export function menu(anchor, entries, point) {
  const list = h("div", { class: "menu", role: "menu", popover: "auto" }, entries.filter((entry) => entry !== undefined).map((entry) =>
    entry === null ? h("hr") : h("button", {
      class: entry.danger ? "danger" : "", role: "menuitem", type: "button", tabindex: -1,
      onclick: () => { list.hidePopover(); entry.run(); },
    }, icon(entry.icon), h("span", {}, entry.label))));
  list.addEventListener("keydown", (event) => {
    const all = [...list.querySelectorAll("button")];
    const here = all.indexOf(document.activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Tab") list.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    all.at(to % all.length)?.focus();
  });
  list.addEventListener("toggle", (event) => {
    if (event.newState === "open") return;
    list.remove();
    if (anchor.isConnected && (document.activeElement === document.body || !document.activeElement)) anchor.focus();
  });
  document.body.append(list);
  list.showPopover();
  place(list, point ?? below(anchor, list));
  list.querySelector("button")?.focus();
  return list;
}

function below(anchor, list) {
  const box = anchor.getBoundingClientRect();
  return { x: box.right - list.offsetWidth, y: box.bottom + 4 };
}

function place(list, { x, y }) {
  list.style.left = `${Math.max(8, Math.min(x, innerWidth - list.offsetWidth - 8))}px`;
  list.style.top = `${Math.max(8, Math.min(y, innerHeight - list.offsetHeight - 8))}px`;
}
