/** Items to another folder, or copies of files. */
import { api } from "../api.js";
import { plural } from "../format.js";
import { tell } from "../toasts.js";
import { pickFolder } from "./folder-picker.js";
import { newFolders } from "./new-folders.js";
import { folderOf, inside } from "./place.js";

const what = (items) => (items.length === 1 ? `“${items[0].filename}”` : plural(items.length, "item"));

export function moveTo(items, context) {
  const moved = items.filter((item) => item.kind === "folder").map((item) => item.path);
  const isInside = (path) => moved.some((one) => path === one || path.startsWith(`${one}/`));
  return each(items, moveOne, context, { verb: "Move", past: "moved", not: isInside });
}

export const copyTo = (items, context) => each(items, copyOne, context, { verb: "Copy", past: "copied" });

/** One after the other. Where one is refused and the person tries again, what is done is not done twice. */
async function each(items, work, { place, again }, { verb, past, not }) {
  const left = new Set(items);
  const submit = async (folder, signal) => {
    for (const item of left) {
      signal.throwIfAborted();
      await work(item, folder);
      left.delete(item);
    }
  };
  await pickFolder(`${verb} ${what(items)}`, place.folder, submit, { yes: `${verb} here`, not });
  const done = items.filter((item) => !left.has(item));
  if (!done.length) return;
  tell(`${what(done)} ${past}`);
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

const copyOne = (item, folder) => api.post(`files/${item.id}/copy`, { path: copyPath(item, folder) });

/** Beside the file itself, a copy is called so. */
function copyPath(item, folder) {
  if (folderOf(item.path) !== folder) return inside(folder, item.filename);
  const [, stem, ending] = item.filename.match(/^(.+?)(\.[^.]*)?$/s);
  return inside(folder, `${stem} (copy)${ending ?? ""}`);
}
