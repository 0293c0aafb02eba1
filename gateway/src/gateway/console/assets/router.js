/** Opens the page that the address names: `#/name/a/b?c=d`. */
import { fill, h, loadStyle } from "./dom.js";
import { FIRST, SIGN_IN, pages } from "./pages.js";
import { isAbort } from "./problem.js";
import { session } from "./session.js";
import { outlet, showCurrent } from "./shell.js";

let leaving = new AbortController();
let wanted = null; // where somebody was going before they had to sign in
let wasOpen = false;

export function startRouter() {
  addEventListener("hashchange", show);
  wasOpen = session.isOpen;
  session.addEventListener("change", () => {
    if (wasOpen === session.isOpen) return;
    wasOpen = session.isOpen;
    if (!wasOpen) go(SIGN_IN);
    else go(wanted ?? FIRST);
  });
  return show();
}

/** `go("files/reports?view=grid")`; the page is opened anew even where that is its address already. */
export function go(place) {
  const hash = `#/${place}`;
  if (location.hash === hash) show();
  else location.hash = hash;
}

export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name, ...rest] = path.split("/").filter(Boolean).map(decoded);
  return { name: name ?? FIRST, rest, query: new URLSearchParams(query) };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

async function show() {
  leaving.abort(new DOMException("The page was left", "AbortError"));
  leaving = new AbortController();
  const { signal } = leaving;
  const place = parse(location.hash);
  const page = pages.find((one) => one.name === place.name);
  if (!session.isOpen && !page?.open) {
    wanted = location.hash.replace(/^#\/?/, "") || null;
    return replace(SIGN_IN);
  }
  if (session.isOpen && page?.open) return replace(FIRST);
  wanted = session.isOpen ? null : wanted;
  if (!page) return put(nothingHere(), "Not found", place.name);
  if (page.scope && !session.may(page.scope)) return put(notForYou(), page.title, page.name);
  try {
    const [module] = await Promise.all([page.load(), page.style && loadStyle(page.style)]);
    const content = await module.default({ ...place, signal });
    if (!signal.aborted) put(content, content.dataset.title ?? page.title, page.under ?? page.name);
  } catch (problem) {
    if (!signal.aborted && !isAbort(problem)) put(broken(problem), page.title, page.name);
  }
}

function replace(place) {
  history.replaceState(null, "", `#/${place}`);
  return show();
}

function put(content, title, name) {
  document.title = `${title} · Strongroom`;
  fill(outlet, content);
  showCurrent(name);
  const heading = outlet.querySelector("h1");
  if (heading && !outlet.querySelector("[data-focus]")) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  outlet.querySelector("[data-focus]")?.focus();
}

const nothingHere = () =>
  h("section", { class: "empty" }, h("h1", {}, "There is no such page"), h("p", {}, h("a", { href: `#/${FIRST}` }, "To your files")));

const notForYou = () =>
  h("section", { class: "empty" }, h("h1", {}, "This page is for administrators"),
    h("p", {}, "You are signed in without that right. Ask an administrator of this installation, and sign in anew once you have it."),
    h("p", {}, h("a", { href: `#/${FIRST}` }, "To your files")));

/** Also where a module is gone, because the server has a newer version by now. */
function broken(problem) {
  if (!problem.slug) console.error(problem);
  return h("section", { class: "empty" }, h("h1", {}, "This page cannot be shown now"), h("p", {}, problem.message),
    h("p", {}, h("button", { type: "button", onclick: () => location.reload() }, "Load it again")));
}
