/** The ways to put something into a folder. The uploads themselves are those of uploads/. */
import { asked } from "../asking.js";
import { menu } from "../dialogs.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { icon } from "../icons.js";
import { go } from "../router.js";
import { trying } from "../toasts.js";
import { newFolders } from "./new-folders.js";
import { addressOf, inside, named } from "./place.js";

// Loaded when it is needed: who only looks does without.
const uploads = () => import("../uploads/index.js");

/** Files dropped on `target` go there, too. */
export function adding(place, onfolder, target, signal) {
  uploads().then(({ dropTarget }) => signal.aborted || dropTarget(target, () => place.folder, { signal }), () => {});
  const pick = (name) => trying(async () => {
    const module = await uploads();
    await module[name](place.folder);
  });
  const button = h("button", { class: "primary", type: "button", "aria-haspopup": "menu", onclick: () => menu(button, [
    { label: "Files", icon: "upload", run: pick("pickFiles") },
    { label: "A whole folder", icon: "folder", run: pick("pickFolder") },
  ]) }, icon("upload"), "Upload");
  const make = h("button", { type: "button", title: "New folder", "aria-label": "New folder", onclick: trying(() => newFolder(place, onfolder)) }, icon("folderPlus"), h("span", {}, "New folder"));
  return h("div", { class: "adding" }, button, make);
}

async function newFolder(place, onfolder) {
  const name = field("Name", { name: "name", required: true, autofocus: true, maxlength: 200, autocomplete: "off", pattern: "[^\\/\\\\]+" }, "It is kept once something is put into it.");
  const made = await asked("New folder", name, ({ name: text }) => {
    const path = inside(place.folder, named(text));
    newFolders.add(path);
    return path;
  }, { yes: "Make" });
  if (!made) return;
  onfolder();
  go(addressOf({ folder: made }));
}
