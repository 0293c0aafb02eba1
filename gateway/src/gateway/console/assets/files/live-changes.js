/** What happens to files elsewhere, shown where they are listed: at once where it can be told by the event alone, else by asking soon. */
import { debounced } from "../dom.js";
import { live } from "../live.js";
import { fileItem } from "./listing.js";
import { newFolders } from "./new-folders.js";
import { folderOf } from "./place.js";

const QUIET = 400; // milliseconds
const LONGEST = 2000; // in a stream of events without end

export function followLive({ source, selection, place, isTrash = false, signal }) {
  let first = 0;
  const now = () => { first = 0; source.refresh(); };
  const later = debounced(now, QUIET);
  const soon = () => {
    first ||= Date.now();
    if (Date.now() - first > LONGEST) later.cancel(), now();
    else later();
  };
  const isSearch = isTrash || Boolean(place.q || place.tag);
  const isElsewhere = (path) => !isSearch && path !== undefined && folderOf(path) !== place.folder;
  const concerns = (path) => isSearch || !place.folder || path?.startsWith(`${place.folder}/`);

  live.addEventListener("event", ({ detail: { type, data } }) => {
    if (!type.startsWith("file.") || !data?.id) return;
    const isHere = source.indexOf(data.id) >= 0;
    const isGone = isTrash ? type === "file.restored" || type === "file.deleted" : type === "file.trashed" || type === "file.deleted";
    if (data.path) newFolders.filled(data.path);
    if (isGone || isElsewhere(data.path)) {
      source.remove(data.id);
      selection.remove(data.id);
    } else if (isHere) {
      source.replace(fileItem(data));
      selection.replace(fileItem(data));
    }
    // A folder may have come or gone with it, and another order.
    if (isHere || concerns(data.path)) soon();
  }, { signal });
  live.addEventListener("missed", soon, { signal });
  signal.addEventListener("abort", () => later.cancel());
}
