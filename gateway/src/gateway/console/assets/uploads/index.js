/**
 * Uploads, for pages: where files may be dropped, and the pickers. They go on, whichever page is open, and show in the shell's dock.
 *
 * `uploads` dispatches "done" with `detail` {id, path} whenever a file has arrived.
 */
import { loadStyle } from "../dom.js";
import { session } from "../session.js";
import { dock } from "../shell.js";
import { failed } from "../toasts.js";
import { inputFiles } from "./inputs.js";
import { panel } from "./panel.js";
import { uploads } from "./queue.js";
import { chosen, dropped, ofHandles } from "./reading.js";

export { uploads };

const SHEET = "uploads/uploads.css";

/** Files and folders dropped on `element` go into `folder()`; meanwhile it has the class "dropping". */
export function dropTarget(element, folder, { signal } = {}) {
  let depth = 0; // of the elements inside that are entered and not left
  const has = (event) => event.dataTransfer?.types.includes("Files");
  const shown = () => element.classList.toggle("dropping", depth > 0);
  element.addEventListener("dragenter", (event) => { if (has(event)) { event.preventDefault(); depth += 1; shown(); } }, { signal });
  element.addEventListener("dragleave", (event) => { if (has(event)) { depth = Math.max(0, depth - 1); shown(); } }, { signal });
  element.addEventListener("dragover", (event) => {
    if (!has(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  }, { signal });
  element.addEventListener("drop", (event) => {
    if (!has(event)) return;
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    shown();
    uploads.add(dropped(event.dataTransfer), folder());
  }, { signal });
}

/** Settled once files were chosen, or none. Where the browser gives handles of them, uploads go on after a reload with one click. */
export async function pickFiles(folder) {
  if (globalThis.showOpenFilePicker) {
    const handles = await showOpenFilePicker({ multiple: true }).catch(cancelled);
    if (handles.length) uploads.add(ofHandles(handles), folder);
  } else await fromInput({ multiple: true }, folder);
}

export const pickFolder = (folder) => fromInput({ folder: true }, folder);

async function fromInput(attributes, folder) {
  const files = await inputFiles(attributes);
  if (files.length) uploads.add(chosen(files), folder);
}

function cancelled(error) {
  if (error.name !== "AbortError") failed(error);
  return [];
}

/** Called once, with the shell in its place. */
export function startUploads() {
  loadStyle(SHEET);
  dock.append(panel(uploads));
  const belong = () => uploads.belongTo(session.me?.id ?? null);
  session.addEventListener("change", belong);
  belong();
  // What misses every target must not make the browser leave for the file; what was broken off goes on wherever it is dropped.
  addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
  addEventListener("drop", (event) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (session.isOpen) uploads.add(dropped(event.dataTransfer), null);
  });
  addEventListener("beforeunload", (event) => { if (uploads.isActive) event.preventDefault(); });
}
