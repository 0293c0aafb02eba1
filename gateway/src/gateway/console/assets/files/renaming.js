/** Other names for files and folders. */
import { api } from "../api.js";
import { asked } from "../asking.js";
import { field } from "../forms.js";
import { tell } from "../toasts.js";
import { newFolders } from "./new-folders.js";
import { folderOf, inside, named } from "./place.js";

export async function rename(item, { again }) {
  const name = field("Name", { name: "name", value: item.filename, required: true, autofocus: true, maxlength: 255, autocomplete: "off", spellcheck: "false" });
  const input = name.querySelector("input");
  // The ending stays, as long as nobody goes there.
  const stem = item.kind === "file" ? item.filename.replace(/(?<=.)\.[^.]*$/, "").length : item.filename.length;
  input.addEventListener("focus", () => input.setSelectionRange(0, stem), { once: true });
  const done = await asked(item.kind === "file" ? "Rename the file" : "Rename the folder", name, ({ name: text }) => changeName(item, named(text)), { yes: "Rename" });
  if (!done) return;
  if (done !== "as it was") tell("It is renamed");
  await again();
}

async function changeName(item, name) {
  if (name === item.filename) return "as it was";
  if (item.kind === "file") return api.patch(`files/${item.id}`, { filename: name });
  const destination = inside(folderOf(item.path), name);
  newFolders.remove(item.path);
  if (item.isNew) return newFolders.add(destination);
  return api.post("files/folders/move", { source: item.path, destination });
}
