/** A file looked at, on top of the list; the arrow keys lead to the one before and to the next. */
import { api } from "../api.js";
import { menu, open as openDialog } from "../dialogs.js";
import { announce, fill, h, loadStyle } from "../dom.js";
import { deeds } from "../files/deeds.js";
import { downloadFile } from "../files/downloading.js";
import { fileItem } from "../files/listing.js";
import { icon } from "../icons.js";
import { isAbort } from "../problem.js";
import { trying } from "../toasts.js";
import { viewerOf } from "./viewers.js";

/** `source` is the list that it is in; `onshow(file)` is called with each that is shown. */
export function preview(item, { source, onshow, onclose, context }) {
  let at = source.indexOf(item.key);
  let leaving = new AbortController();
  let file = null;
  const stage = h("div", { class: "stage", tabindex: -1 });
  const step = (by, name, label) => h("button", { class: "icon-only step", type: "button", "aria-label": label, title: label, onclick: () => go(by) }, icon(name));
  const before = step(-1, "back", "The file before");
  const after = step(1, "next", "The next file");
  const tools = h("div", { class: "preview-tools" },
    h("button", { class: "quiet icon-only", type: "button", "aria-label": "Download", title: "Download", onclick: trying(() => downloadFile(file)) }, icon("download")),
    h("button", { class: "quiet icon-only", type: "button", "aria-label": "More", title: "More", "aria-haspopup": "menu",
      onclick: (event) => file && menu(event.currentTarget, deeds([file], { ...context, again: changed })) }, icon("more")));
  const dialog = openDialog(item.filename ?? "…", [stage], { kind: "wide preview", onclose: () => { leaving.abort(); onclose(); } });
  const title = dialog.querySelector("h2");
  title.after(tools);
  dialog.append(before, after);

  /** After something was done with it, it may be gone. */
  async function changed() {
    await context.again();
    const now = await api.get(`files/${file.id}`).catch(() => null);
    if (now) show(fileItem(now));
    else dialog.close();
  }

  async function go(by) {
    for (let index = at + by; index >= 0 && index < source.length; index += by) {
      if (!source.at(index)) await source.want(index, index + 1);
      const found = source.at(index);
      if (!found) return;
      if (found.kind !== "file") continue;
      at = index;
      show(found);
      return;
    }
  }

  async function show(shown) {
    leaving.abort();
    leaving = new AbortController();
    const { signal } = leaving;
    file = shown;
    onshow(shown);
    fill(stage);
    stage.setAttribute("aria-busy", "true");
    try {
      if (!shown.content_type) file = shown = fileItem(await api.get(`files/${shown.id}`, { signal }));
      title.textContent = shown.filename;
      announce(shown.filename);
      if (at < 0) at = source.indexOf(shown.key);
      before.hidden = after.hidden = at < 0;
      const [view] = await Promise.all([viewerOf(shown), loadStyle("previews.css")]);
      if (!signal.aborted) fill(stage, view(shown, signal));
    } catch (problem) {
      if (!isAbort(problem)) fill(stage, h("p", { class: "refusal", role: "alert" }, problem.message));
    }
    if (!signal.aborted) stage.removeAttribute("aria-busy");
  }

  dialog.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, .menu, [role=grid], video, audio") || event.altKey || event.ctrlKey) return;
    if (event.key === "ArrowRight") go(1);
    else if (event.key === "ArrowLeft") go(-1);
    else return;
    event.preventDefault();
  });
  show(item);
  return dialog;
}
