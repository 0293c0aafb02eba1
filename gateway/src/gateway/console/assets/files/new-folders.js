/** Folders that were made here and are empty: a folder is there only while a file is in it, so until then this page alone knows them. */
import { session } from "../session.js";

const MOST = 100;
let known = [];

// The next one who signs in here made none of them.
session.addEventListener("change", () => { if (!session.isOpen) known = []; });

export const newFolders = {
  add(path) {
    known = [...new Set([...known, path])].slice(-MOST);
  },

  remove(path) {
    known = known.filter((one) => one !== path && !one.startsWith(`${path}/`));
  },

  /** A file is at `path` now, so the folders that it is in are there by themselves. */
  filled(path) {
    known = known.filter((one) => !path.startsWith(`${one}/`));
  },

  /** Those directly in `folder` that are none of `others`, and those that lead to one. */
  in(folder, others) {
    const before = folder ? `${folder}/` : "";
    const taken = new Set(others.map((one) => one.path));
    const names = known.filter((path) => path.startsWith(before)).map((path) => before + path.slice(before.length).split("/")[0]);
    return [...new Set(names)].filter((path) => !taken.has(path)).map((path) => ({ path, isNew: true }));
  },

  has: (path) => known.some((one) => one === path || one.startsWith(`${path}/`)),
};
