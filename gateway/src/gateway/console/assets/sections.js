/** Links between the parts of a page that is several. */
import { h } from "./dom.js";

/** `parts` are `[address, title]`; that of `current` is marked. */
export function sections(label, parts, current) {
  return h("nav", { class: "sections", "aria-label": label }, parts.map(([address, title]) =>
    h("a", { href: `#/${address}`, "aria-current": address === current ? "page" : null }, title)));
}

const ACCOUNT = [["profile", "Profile"], ["security", "Security"], ["sessions", "Sessions"], ["webhooks", "Webhooks"]];

/** A page of the signed-in person's own account. */
export function accountPage(name, title, ...children) {
  return h("section", { class: "page people" }, sections("Your account", ACCOUNT, name), h("h1", {}, title), children);
}
