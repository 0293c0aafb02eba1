/** The text of a document, or of a text file. */
import { api, whenRead } from "../api.js";
import { h } from "../dom.js";
import { waiting } from "./waiting.js";

const MOST = 500_000; // characters: more makes browsers slow

export function text(file, signal) {
  return waiting(file, async () => {
    const found = await whenRead(() => api.get(`files/${file.id}/text`, { query: { version: file.version }, signal }), signal);
    const isCut = found.truncated || found.text.length > MOST;
    return [
      h("pre", { tabindex: 0, role: "region", "aria-label": `Text of ${file.filename}`, lang: found.language, dir: "auto" }, found.text.slice(0, MOST) || "There is no text in it."),
      isCut ? h("p", { class: "hint" }, "It goes on: all of it is in the file.") : null,
    ];
  }, "of-text");
}
