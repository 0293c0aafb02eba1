/** The browser's own picker, by an input that lives as long as the choice. */
import { h } from "../dom.js";

/** The files chosen; none where that was cancelled. */
export function inputFiles({ multiple = false, folder = false } = {}) {
  return new Promise((resolve) => {
    const over = () => { input.remove(); resolve([...input.files]); };
    const input = h("input", { type: "file", hidden: true, multiple, webkitdirectory: folder, onchange: over, oncancel: over });
    document.body.append(input);
    input.click();
  });
}
