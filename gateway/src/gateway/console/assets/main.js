/**
 * The console begins here: who is it, and which page do they want?
 *
 * Modules, from the ground up:
 *   dom.js (elements), format.js (sizes, dates), icons.js, remembered.js      know nothing else
 *   theme.js (light or dark)
 *   problem.js (refusals), session.js (who, and the tokens), api.js (calls), live.js (events)
 *   toasts.js, dialogs.js, forms.js, shell.js (navigation)                   what every page shares
 *   router.js, pages.js                                                      which page is open
 *   pages/*.js                                                               one module a page
 *   files/ uploads/ previews/                                                what the page of files is made of
 *   account/ admin/                                                          what the pages of people are made of
 *
 * To add a page:
 *   1. Write pages/NAME.js. Its default export is called with { rest, query, signal } (the address `#/NAME/a/b?c=d` gives
 *      rest ["a", "b"] and query, a URLSearchParams) and returns an element, or a promise of one. `signal` is aborted when the
 *      page is left: give it to `api` calls and to addEventListener, and nothing is left behind.
 *   2. Add it to the table in pages.js. What has an `icon` stands in the navigation, by its `label`; `scope` hides it from everybody without
 *      (the services decide, not this); `under` is the page that is marked in the navigation instead; `open` pages are for who
 *      is not signed in; `style` is a style sheet of its own.
 *   3. Make elements with h() of dom.js. Markup from text, inline styles and inline handlers are refused by the page's policy.
 *      Throw or show problems with toasts.failed(problem); ask with dialogs.ask() and asking.asked().
 *
 * There is no build step: browsers load these files as they are. Addresses are relative, so that a path prefix does not matter.
 */
import { h } from "./dom.js";
import { startLive } from "./live.js";
import { startRouter } from "./router.js";
import { session } from "./session.js";
import { shell } from "./shell.js";
import { applyTheme } from "./theme.js";
import { failed } from "./toasts.js";

function start() {
  document.body.replaceChildren(shell());
  startLive();
  startRouter();
}

/** Whoever is signed in is not sent to sign in because the server has a bad moment. */
function apologise(problem) {
  const again = h("button", { type: "button", onclick: () => location.reload() }, "Try again");
  document.body.replaceChildren(h("main", { class: "empty" }, h("h1", {}, "Strongroom does not answer"), h("p", {}, problem.message), again));
}

applyTheme();
await session.resume().then(start, apologise);

// Not needed to show anything first, nor by who is signed out; what was broken off before a reload shows when it comes.
const startUploading = () => import("./uploads/index.js").then(({ startUploads }) => startUploads()).catch(failed);
if (session.isOpen) startUploading();
else session.addEventListener("change", startUploading, { once: true });
