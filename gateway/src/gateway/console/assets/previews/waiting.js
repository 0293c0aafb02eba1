/** A place that says that a file is being read, until it was. */
import { fill, h } from "../dom.js";
import { isAbort } from "../problem.js";
import { nothing } from "./viewers.js";

/** `work()` answers what is to be shown; where the file cannot be read, that is said. */
export function waiting(file, work, kind) {
  const place = h("div", { class: `viewer ${kind}`, "aria-busy": "true" }, h("p", { class: "hint reading", role: "status" }, "It is being read …"));
  work().then((content) => fill(place, content), (problem) => {
    if (isAbort(problem)) return;
    const isExpected = problem.slug === "unreadable-file" || problem.slug === "not-derivable";
    if (isExpected || problem.slug === "not-derived-yet") fill(place, nothing(file, problem.message));
    else fill(place, h("p", { class: "refusal", role: "alert" }, problem.message));
  }).finally(() => place.removeAttribute("aria-busy"));
  return place;
}
