/** What can be done with items, as the entries of a menu, and by key. */
import { trying } from "../toasts.js";

// Loaded with the first use: who only looks does without.
const deed = (load, name) => async (...given) => (await load())[name](...given);
const moving = () => import("./moving.js");

const details = deed(() => import("./details.js"), "details");
const download = deed(() => import("./downloading.js"), "download");
const copyTo = deed(moving, "copyTo");
const moveTo = deed(moving, "moveTo");
const rename = deed(() => import("./renaming.js"), "rename");
const share = deed(() => import("./sharing.js"), "share");
const tag = deed(() => import("./tagging.js"), "tag");
const trash = deed(() => import("./trashing.js"), "trash");

/** `context` is `{place, again}`: where one is, and what shows the list anew. */
export function deeds(items, context) {
  const [first] = items;
  const isOne = items.length === 1;
  const areFiles = items.every((item) => item.kind === "file");
  const isKept = !items.some((item) => item.isNew);
  const entry = (label, icon, work, more = {}) => ({ label, icon, run: trying(() => work(isOne ? first : items, context)), ...more });
  const list = [
    isKept && entry("Download", "download", () => download(items), { isOften: true }),
    isKept && isOne && entry("Share …", "share", share, { isOften: true }),
    isOne && entry("Rename …", "pencil", rename),
    isKept && entry("Move …", "move", () => moveTo(items, context), { isOften: true }),
    areFiles && entry("Copy to …", "copy", () => copyTo(items, context)),
    areFiles && entry("Tags …", "tag", () => tag(items, context)),
    isOne && areFiles && entry("Details and versions", "clock", details),
    null,
    entry("To the trash", "trash", () => trash(items, context), { danger: true, isOften: true }),
  ];
  return list.filter((one) => one !== false);
}

/** Whether the key was one of these. */
export function onDeedKey(event, items, context) {
  if (event.ctrlKey || event.metaKey) return false;
  if (event.key === "Delete") trying(trash)(items, context);
  else if (event.key === "F2" && items.length === 1) trying(rename)(items[0], context);
  else return false;
  return true;
}
