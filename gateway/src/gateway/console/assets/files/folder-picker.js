/** Chooses a folder, walking down from the top; a new one can be named on the way. */
import { asked } from "../asking.js";
import { announce, fill, h } from "../dom.js";
import { plural } from "../format.js";
import { icon } from "../icons.js";
import { isAbort } from "../problem.js";
import { listedFolders } from "./listing.js";
import { inside, named } from "./place.js";

/** `submit(folder)` is done while the dialog is open, which stays with the reason where it is refused. */
export function pickFolder(title, start, submit, { yes, not = () => false }) {
  let folder = start;
  let loading = new AbortController();
  const crumbs = h("nav", { class: "crumbs", "aria-label": "Chosen folder" });
  const choices = h("div", { class: "choices-of-folders" });
  const another = h("input", { type: "text", "aria-label": "New folder in it", placeholder: "New folder in it (if wanted)", maxlength: 200, autocomplete: "off" });
  const button = (path, ...content) => h("button", { type: "button", class: "quiet", onclick: () => go(path) }, content);

  async function go(path) {
    const held = choices.contains(document.activeElement) || crumbs.contains(document.activeElement);
    folder = path;
    const names = path ? path.split("/") : [];
    fill(crumbs, h("ol", {}, [["", "Files"], ...names.map((name, index) => [names.slice(0, index + 1).join("/"), name])]
      .map(([to, name]) => h("li", { "aria-current": to === path ? "location" : null }, button(to, name)))));
    loading.abort();
    loading = new AbortController();
    choices.setAttribute("aria-busy", "true");
    try {
      await fillChoices(path, held);
    } catch (problem) {
      if (!isAbort(problem)) fill(choices, h("p", { class: "refusal" }, problem.message));
    }
    choices.removeAttribute("aria-busy");
  }

  async function fillChoices(path, held) {
    const { items, isAll } = await listedFolders(path, loading.signal);
    const free = items.filter((one) => !not(one.path));
    fill(choices, free.map((one) => button(one.path, icon("folder"), h("span", {}, one.filename))),
      free.length ? null : h("p", { class: "hint" }, "There are no folders in it."),
      isAll ? null : h("p", { class: "hint" }, "There are more folders than are shown."));
    announce(plural(free.length, "folder"));
    if (held) (choices.querySelector("button") ?? crumbs.querySelector("li:last-child button")).focus();
  }

  go(start);
  return asked(title, [crumbs, choices, h("div", { class: "field" }, another)], async (_values, _form, signal) => {
    const name = another.value.trim();
    const chosen = name ? inside(folder, named(name)) : folder;
    return (await submit(chosen, signal)) ?? { folder: chosen };
  }, { yes }).finally(() => loading.abort());
}
