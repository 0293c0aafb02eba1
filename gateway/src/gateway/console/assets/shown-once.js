/** What is shown this once and never again: secrets and recovery codes, to copy or to keep as a file. */
import { open } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { failed, tell } from "./toasts.js";

/** Settled once it is closed, which takes a button: neither a click beside it nor Escape loses what it shows. */
export function shownOnce(title, text, lines, filename) {
  return new Promise((resolve) => {
    const written = `${lines.join("\n")}\n`;
    const list = h("ul", { class: "secrets", "aria-label": title }, lines.map((line) => h("li", {}, h("code", {}, line))));
    const kept = h("button", { class: "primary", type: "button", autofocus: true, onclick: () => dialog.close("kept") }, "I have kept it");
    const dialog = open(title, [
      h("p", {}, text), list,
      h("div", { class: "buttons" }, copyButton(written), keepButton(written, filename), kept),
    ], { onclose: resolve, stays: true });
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
    dialog.addEventListener("click", (event) => event.target === dialog && event.stopImmediatePropagation(), { capture: true });
  });
}

export function copyButton(text, label = "Copy") {
  const copy = () => navigator.clipboard.writeText(text).then(() => tell("Copied"), () => failed(new Error("The browser does not allow to copy")));
  return h("button", { type: "button", onclick: copy }, icon("copy"), label);
}

function keepButton(text, filename) {
  const keep = () => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    h("a", { href: url, download: filename }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return h("button", { type: "button", onclick: keep }, icon("download"), "Download");
}
