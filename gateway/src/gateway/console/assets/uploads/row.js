/** One upload in the panel: its name, how far it is, and what can be done about it. */
import { h, fill } from "../dom.js";
import { size } from "../format.js";
import { icon } from "../icons.js";
import { trying } from "../toasts.js";
import { fileAgain } from "./resuming.js";

const TEXTS = {
  waiting: () => "Waiting",
  asking: () => "Waiting for your answer",
  running: (item) => (item.sent < item.size ? `${size(item.sent)} of ${size(item.size)}` : "Finishing"),
  paused: (item) => `Paused at ${percent(item)} %`,
  lost: (item) => (item.handle ? "Was broken off" : "Was broken off. Choose the file again, or drop it here, to go on"),
  failed: () => "Did not work",
  done: (item) => size(item.size),
  skipped: () => "Skipped",
  cancelled: () => "Cancelled",
};
const ICONS = { done: "check", failed: "warning", lost: "warning" };

/** `{element, update()}`; the element stays the same for as long as it is shown, so that the focus does. */
export function row(item, uploads) {
  const bar = h("progress", { max: 100, value: 0, "aria-label": `Upload of ${item.path}` });
  const text = h("small", {});
  const name = h("strong", { title: item.path });
  const mark = h("span", { class: "mark" });
  const buttons = h("span", { class: "actions" });
  const element = h("li", {}, mark, h("span", { class: "what" }, name, bar, text), buttons);
  let shown = null;
  const update = () => {
    if (name.textContent !== item.name) name.textContent = item.name;
    bar.value = percent(item);
    bar.hidden = ["done", "skipped", "cancelled"].includes(item.state);
    const told = item.note || TEXTS[item.state](item);
    if (text.textContent !== told) text.textContent = told;
    if (shown === item.state) return;
    shown = item.state;
    element.dataset.state = item.state;
    fill(mark, icon(ICONS[item.state] ?? "upload"));
    const within = buttons.contains(document.activeElement);
    fill(buttons, actions(item, uploads));
    if (within) (buttons.querySelector("button") ?? element.closest("section")?.querySelector("h2"))?.focus();
  };
  update();
  return { element, update };
}

export const percent = (item) => (item.size ? Math.floor((item.sent / item.size) * 100) : item.state === "done" ? 100 : 0);

function actions(item, uploads) {
  const named = (label, name, run) =>
    h("button", { class: "quiet icon-only", type: "button", title: label, "aria-label": `${label}: ${item.name}`, onclick: trying(run) }, icon(name));
  const cancel = named("Cancel", "close", () => uploads.cancel(item));
  switch (item.state) {
    case "running": case "waiting": case "asking": return [named("Pause", "pause", () => item.pause()), cancel];
    case "paused": return [named("Go on", "play", () => uploads.resume(item)), cancel];
    case "failed": return [item.file ? named("Try again", "restore", () => uploads.resume(item)) : null, cancel];
    case "lost": return [
      h("button", { type: "button", "aria-label": `${again(item)}: ${item.name}`, onclick: trying(async () => {
        const file = await fileAgain(item);
        if (file) uploads.found(item, file);
      }) }, again(item)), cancel];
    default: return [];
  }
}

const again = (item) => (item.handle ? "Go on" : "Choose the file again");
