/**
 * Files to the person's own disk. One is fetched by the browser itself, from a signed address, however large it is. Several come as a
 * zip archive, which takes the token in a header: it is gathered in a blob (which browsers keep on disk where it is large) and then saved.
 */
import { api, send } from "../api.js";
import { h } from "../dom.js";
import { size } from "../format.js";
import { tell } from "../toasts.js";

const MOST = 2 * 2 ** 30; // bytes, of what is gathered

export async function download(items) {
  const [first] = items;
  if (items.length === 1 && first.kind === "file") return downloadFile(first);
  if (items.length > 1 && items.some((item) => item.kind === "folder")) throw new Error("Folders are downloaded one at a time, and not together with files");
  const total = items.reduce((sum, item) => sum + (item.size ?? 0), 0);
  if (total > MOST) throw new Error(`Together these are ${size(total)}. An archive of more than ${size(MOST)} is made by the command line: strongroom get`);
  tell("The archive is being made …");
  const isFolder = first.kind === "folder";
  const json = isFolder ? { prefix: first.path } : { ids: items.map((item) => item.id) };
  const answer = await send("POST", "files/archive", { json });
  save(await gathered(answer), isFolder ? `${first.filename}.zip` : "files.zip");
}

/** Of the current version, or of `version`. */
export async function downloadFile(file, version) {
  const { url } = await api.post(`files/${file.id}/download-url`, { version: version ?? null });
  h("a", { href: url, download: file.filename }).click();
}

/** A folder's size is known only as it arrives. */
async function gathered(answer) {
  const known = Number(answer.headers.get("Content-Length"));
  const tooMuch = () => new Error(`The archive is larger than ${size(MOST)}. Use the command line: strongroom get`);
  if (known > MOST) { await answer.body.cancel(); throw tooMuch(); }
  if (known) return answer.blob();
  let bytes = 0;
  const counting = new TransformStream({ transform(chunk, controller) {
    bytes += chunk.byteLength;
    if (bytes > MOST) controller.error(tooMuch());
    else controller.enqueue(chunk);
  } });
  return new Response(answer.body.pipeThrough(counting)).blob();
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
