/** Thumbnails, fetched with the token and kept as blobs: a few, the last used ones, so that memory stays flat. */
import { send, whenRead } from "../api.js";
import { session } from "../session.js";

const KEPT = 150;
const kept = new Map(); // what → address of the blob, the last used last

// The next one who signs in here has pictures of their own.
session.addEventListener("change", () => {
  if (session.isOpen) return;
  for (const url of kept.values()) URL.revokeObjectURL(url);
  kept.clear();
});

export const hasThumbnail = (file) => file.content_type.startsWith("image/") || file.content_type === "application/pdf";

const nameOf = (file, width, page, version) => [file.id, version ?? file.version, width, page].join();

/** The address of one that is here already. */
export function keptThumbnail(file, width, page = 1, version = null) {
  const name = nameOf(file, width, page, version);
  const url = kept.get(name);
  if (url) {
    kept.delete(name);
    kept.set(name, url);
  }
  return url;
}

/** Waits while it is still being made. `width` is one of 128, 256, 512, 1024. */
export async function thumbnail(file, width, { page = 1, version = null, signal } = {}) {
  const here = keptThumbnail(file, width, page, version);
  if (here) return here;
  const path = `files/${file.id}/thumbnail`;
  const answer = await whenRead(() => send("GET", path, { query: { width, page, version: version ?? file.version }, headers: { Accept: "image/webp" }, signal }), signal);
  const url = URL.createObjectURL(await answer.blob());
  kept.set(nameOf(file, width, page, version), url);
  while (kept.size > KEPT) {
    const [oldest, gone] = kept.entries().next().value;
    kept.delete(oldest);
    URL.revokeObjectURL(gone);
  }
  return url;
}
