/** To the trash, and back again. */
import { api, encoded, items as all } from "../api.js";
import { plural } from "../format.js";
import { failed, tell } from "../toasts.js";
import { newFolders } from "./new-folders.js";

export async function trash(chosen, { again }) {
  const done = [];
  try {
    for (const item of chosen) done.push({ item, count: await trashOne(item) });
  } finally {
    if (done.length) {
      const what = done.length === 1 ? `“${done[0].item.filename}” is in the trash` : `${plural(done.length, "item")} are in the trash`;
      tell(what, { action: done.some(({ count }) => count) ? { label: "Undo", run: () => undo(done, again).catch(failed) } : undefined });
      await again();
    }
  }
}

/** How many files it was. */
async function trashOne(item) {
  if (item.kind === "file") return api.delete(`files/${item.id}`).then(() => 1);
  newFolders.remove(item.path);
  try {
    return (await api.delete(`files/folders/${encoded(item.path)}`)).file_count;
  } catch (problem) {
    if (item.isNew && problem.status === 404) return 0; // nothing ever was in it
    throw problem;
  }
}

async function undo(done, again) {
  for (const { item, count } of done) {
    if (item.kind === "file") await api.post(`files/${item.id}/restore`);
    else await restoreFolder(item.path, count);
  }
  tell(done.length === 1 ? `“${done[0].item.filename}” is back` : `${plural(done.length, "item")} are back`);
  await again();
}

/** Those that went to the trash with it, which are the last ones from there. */
async function restoreFolder(path, count) {
  const ids = [];
  for await (const file of all("files", { query: { trashed: true, prefix: `${path}/` } })) {
    if (ids.length === count) break;
    ids.push(file.id);
  }
  for (const id of ids) await api.post(`files/${id}/restore`);
}
