/** What stands around every page: navigation, theme, usage, messages, and the dock for uploads. */
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { pages } from "./pages.js";
import { session } from "./session.js";
import { switchTheme, theme } from "./theme.js";
import { toastStack, trying } from "./toasts.js";

export const outlet = h("main", { id: "page" });

/** Where what outlives pages is shown, like uploads that go on. */
export const dock = h("div", { id: "dock" });

/** Below the navigation; pages that change how much is kept fill it. */
export const meter = h("div", { class: "meter" });

let current = "";
const side = h("div", { class: "side" });

export function shell() {
  draw();
  session.addEventListener("change", draw);
  const skip = h("a", { class: "skip", href: "#page", onclick: (event) => { event.preventDefault(); outlet.querySelector("h1")?.focus(); } }, "To the content");
  const spoken = h("div", { id: "announcements", class: "spoken", role: "status" });
  return h("div", { class: "shell" }, skip, side, outlet, dock, toastStack(), spoken);
}

/** Marks where in the navigation the page is. */
export function showCurrent(name) {
  current = name;
  for (const link of side.querySelectorAll("nav a")) {
    if (link.dataset.name === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function draw() {
  document.body.classList.toggle("signed-in", session.isOpen);
  if (!session.isOpen) {
    fill(meter);
    return fill(side, h("header", { class: "bar" }, brand(), themeSwitch()));
  }
  const shown = pages.filter((page) => page.icon && (!page.scope || session.may(page.scope)));
  const links = shown.map((page) =>
    h("a", { href: `#/${page.name}`, "data-name": page.name }, icon(page.icon), h("span", {}, page.label ?? page.title)));
  fill(side, h("header", { class: "bar" }, brand(), themeSwitch()), h("nav", { "aria-label": "Pages" }, links), meter, person());
  return showCurrent(current);
}

const brand = () => h("a", { class: "brand", href: "#/files" }, mark(), h("span", {}, "Strongroom"));

const mark = () => h("img", { src: new URL("icon.svg", import.meta.url).href, alt: "", width: 28, height: 28 });

function themeSwitch() {
  const label = () => (theme() === "dark" ? "Light colours" : "Dark colours");
  const button = h("button", { class: "quiet icon-only", type: "button", "aria-label": label(), title: label() });
  button.append(icon(theme() === "dark" ? "sun" : "moon"));
  button.addEventListener("click", () => { switchTheme(); const next = themeSwitch(); button.replaceWith(next); next.focus(); });
  return button;
}

function person() {
  const { name, email } = session.me;
  const out = h("button", { class: "quiet icon-only", type: "button", "aria-label": "Sign out", title: "Sign out", onclick: trying(() => session.signOut()) }, icon("signOut"));
  return h("footer", { class: "person" }, h("span", { class: "who" }, h("strong", {}, name || email), name ? h("small", {}, email) : null), out);
}
