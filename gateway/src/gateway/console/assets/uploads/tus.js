/**
 * The resumable upload protocol tus 1.0, as far as the console needs it.
 *
 * Bytes are sent without Upload-Checksum: the service keeps what had come of a broken request only where there is none.
 */
import { address, send } from "../api.js";
import { Problem } from "../problem.js";
import { sendBytes } from "./wire.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
const CHUNK = 16 * 1024 * 1024;
const ID = /\/files\/uploads\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Begins an upload; answers its id. */
export async function create(path, file, signal) {
  const told = [["path", path], ["filename", path.split("/").pop()], ["filetype", file.type]].filter(([, value]) => value);
  const headers = {
    ...VERSION,
    "Upload-Length": String(file.size),
    "Upload-Metadata": told.map(([key, value]) => `${key} ${encoded(value)}`).join(","),
  };
  const response = await send("POST", "files/uploads", { headers, signal });
  // Of the address only the id is used, below our own prefix: wherever an answer points, nothing is sent there.
  const id = ID.exec(response.headers.get("Location") ?? "")?.[1];
  if (!id) throw new Problem(502, { title: "The server did not say where the upload is" });
  return id;
}

/** How far it has got: `{offset, length, file}`, where `file` is the id of what it has become, or null. */
export async function progress(id, signal) {
  return told(await send("HEAD", place(id), { headers: VERSION, signal }));
}

/** Sends the next bytes from `offset` on; answers as progress() does. */
export async function append(id, file, offset, { signal, sent }) {
  const response = await sendBytes("PATCH", address(place(id)), {
    headers: { ...VERSION, "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" },
    body: file.slice(offset, offset + CHUNK), // of the disk still: nothing is read before it is sent
    signal,
    sent,
  });
  return told(response);
}

/** Ends an upload and frees what it has. One that is gone already is no fault. */
export async function remove(id) {
  await send("DELETE", place(id), { headers: VERSION }).catch((problem) => {
    if (!isGone(problem)) throw problem;
  });
}

/** Whether the service no longer knows the upload. */
export const isGone = (problem) => problem.slug === "upload-not-found" || problem.slug === "upload-expired" || problem.status === 410 || problem.status === 404;

const place = (id) => `files/uploads/${encodeURIComponent(id)}`;

function told({ headers }) {
  const length = headers.get("Upload-Length");
  return {
    offset: Number(headers.get("Upload-Offset")),
    length: length === null ? null : Number(length),
    file: headers.get("Strongroom-File"),
  };
}

function encoded(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
