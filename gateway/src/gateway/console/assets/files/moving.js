/** Items to another folder, or copies of files. */
import { api } from "../api.js";
import { plural } from "../format.js";
import { tell } from "../toasts.js";
import { pickFolder } from "./folder-picker.js";
import { newFolders } from "./new-folders.js";
import { folderOf, inside } from "./place.js";

const what = (items) => (items.length === 1 ? `“${items[0].filename}”` : plural(items.length, "item"));

/** One after the other. Where one is refused and the person tries again, what is done is not done twice. */
function each(items, work) {
  const left = new Set(items);
  return async (folder) => {
    for (const item of left) {
      await work(item, folder);
      left.delete(item);
    }
  };
}

export async function moveTo(items, { place, again }) {
  const moved = items.filter((item) => item.kind === "folder").map((item) => item.path);
  const isInside = (path) => moved.some((one) => path === one || path.startsWith(`${one}/`));
  const done = await pickFolder(`Move ${what(items)}`, place.folder, each(items, moveOne), { yes: "Move here", not: isInside });
  if (!done) return;
  tell(`${what(items)} moved`);
  await again();
}

async function moveOne(item, folder) {
  const path = inside(folder, item.filename);
  if (folderOf(item.path) === folder) return;
  if (item.kind === "file") await api.patch(`files/${item.id}`, { path });
  else if (item.isNew) newFolders.add(path);
  else await api.post("files/folders/move", { source: item.path, destination: path });
  if (item.kind === "folder") newFolders.remove(item.path);
}

export async function copyTo(items, { place, again }) {
  const done = await pickFolder(`Copy ${what(items)}`, place.folder, each(items, copyOne), { yes: "Copy here" });
  if (!done) return;
  tell(`${what(items)} copied`);
  await again();
}

const copyOne = (item, folder) => api.post(`files/${item.id}/copy`, { path: copyPath(item, folder) });

/** Beside the file itself, a copy is called so. */
function copyPath(item, folder) {
  if (folderOf(item.path) !== folder) return inside(folder, item.filename);
  const [, stem, ending] = item.filename.match(/^(.+?)(\.[^.]*)?$/s);
  return inside(folder, `${stem} (copy)${ending ?? ""}`);
}
