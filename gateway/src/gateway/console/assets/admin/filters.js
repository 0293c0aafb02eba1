/** Filters of a list: kept in the address, so that going back finds them again. */
import { debounced, h } from "../dom.js";

const TYPING = 300; // milliseconds

/** `fields` have names; `apply()` is called once they were changed. Answers the form, with `values()`. */
export function filters(place, fields, apply) {
  const element = h("form", { class: "filters", role: "search" }, fields);
  const values = () => Object.fromEntries([...new FormData(element)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
  const changed = () => {
    if (!element.isConnected) return; // the page was left while somebody typed, and the address is another's
    const query = new URLSearchParams(values()).toString();
    history.replaceState(null, "", `#/${place}${query ? `?${query}` : ""}`);
    apply();
  };
  const typed = debounced(changed, TYPING);
  element.addEventListener("input", (event) => (event.target.tagName === "SELECT" ? changed() : typed()));
  element.addEventListener("submit", (event) => { event.preventDefault(); typed.cancel(); changed(); });
  return Object.assign(element, { values });
}
