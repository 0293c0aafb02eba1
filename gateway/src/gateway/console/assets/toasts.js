/** Short messages in a corner, which screen readers hear too. */
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { isAbort } from "./problem.js";

const SHOWN = 6000;
const stack = h("div", { class: "toasts", role: "region", "aria-label": "Messages" });
const polite = h("div", { role: "status" });
const urgent = h("div", { role: "alert" });
stack.append(polite, urgent);

/** For the shell to put in its place. */
export const toastStack = () => stack;

/** `action` is `{label, run}`: a button, like Undo. */
export function tell(text, { action, kind = "done", region = polite } = {}) {
  const toast = h("div", { class: `toast ${kind}` }, icon(kind === "failed" ? "warning" : "check"), h("span", {}, text));
  const close = () => toast.remove();
  if (action) toast.append(h("button", { class: "plain", type: "button", onclick: () => { close(); action.run(); } }, action.label));
  toast.append(h("button", { class: "quiet icon-only", type: "button", "aria-label": "Close", onclick: close }, icon("close")));
  region.append(toast);
  let timer = setTimeout(close, SHOWN);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => { timer = setTimeout(close, SHOWN / 2); });
}

/** Shows why something did not work. Nothing, where it was only cancelled. */
export function failed(problem, what = "") {
  if (isAbort(problem)) return;
  if (!problem?.slug && problem?.status === undefined) console.error(problem);
  tell(what ? `${what}: ${problem.message}` : problem.message, { kind: "failed", region: urgent });
}

/** A listener that shows what its work throws. */
export const trying = (work) => async (...values) => {
  try {
    return await work(...values);
  } catch (problem) {
    return failed(problem);
  }
};
