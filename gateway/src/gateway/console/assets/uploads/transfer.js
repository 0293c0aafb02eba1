/** One file's way to the service: at once where it is small, resumable where it is not. */
import { address, api, encoded } from "../api.js";
import { Problem } from "../problem.js";
import { numbered } from "./names.js";
import { Patience } from "./patience.js";
import * as tus from "./tus.js";
import { sendBytes } from "./wire.js";

const SMALL = 4 * 1024 * 1024; // sent again from the start where it is cut, for one round trip less
const MOST_NUMBERS = 1000;
const ENOUGH = 5; // times that the service contradicts itself: an upload is gone, or a place taken by nothing, again and again

/** Thrown where the person would rather not have the file there. */
class Skipped extends Error {
  name = "Skipped";
}

/**
 * Sends `item` (see item.js) and answers the id of the file that it has become. Throws Skipped, and Problems that waiting is no use for.
 */
export async function transfer(item, signal) {
  requireName(item.path);
  const patience = new Patience(signal, (problem) => item.waits(problem));
  for (let tried = 1; ; tried += 1) {
    try {
      return item.size <= SMALL && !item.upload ? await whole(item, patience, signal) : await inChunks(item, patience, signal);
    } catch (problem) {
      if (!item.upload || !tus.isGone(problem) || tried >= ENOUGH) throw problem;
      await item.beginsAnew();
    }
  }
}

async function whole(item, patience, signal) {
  for (let contradicted = 0, isTaken = false; ; ) {
    try {
      if (isTaken) {
        const there = await fileAt(item.path, signal);
        if (item.mayBeThere && there && await isTheSame(there, item.file)) return there.id;
        if (there) await settle(item, signal);
        else contradicted += 1;
        isTaken = false;
      }
      return await put(item, signal);
    } catch (problem) {
      item.hasSent(0);
      // The answer may have been lost on the way back, and not the file on the way there.
      item.mayBeThere ||= problem.status !== 412;
      isTaken ||= problem.status === 412;
      if (problem.status === 412 && contradicted < ENOUGH) continue;
      await item.stillReadable(problem);
      await patience.after(problem);
    }
  }
}

async function put(item, signal) {
  const condition = item.replaces ? {} : { "If-None-Match": "*" };
  const response = await sendBytes("PUT", address(`files/raw/${encoded(item.path)}`), {
    headers: { "Content-Type": item.file.type || "application/octet-stream", ...condition },
    body: item.file, signal, sent: (bytes) => item.hasSent(Math.min(bytes, item.size)),
  });
  return (await response.json()).id;
}

async function inChunks(item, patience, signal) {
  let at = item.upload ? null : await begun(item, patience, signal);
  for (;;) {
    try {
      at ??= await tus.progress(item.upload, signal);
      if (at.length !== null && at.length !== item.size) throw new Problem(410, { title: "The upload was of another file" });
      item.isAt(at.offset);
      if (at.file) return at.file;
      const before = at.offset;
      at = await tus.append(item.upload, item.file, before, { signal, sent: (bytes) => item.hasSent(Math.min(before + bytes, item.size)) });
      patience.reset();
    } catch (problem) {
      await item.stillReadable(problem);
      await patience.after(problem);
      at = null; // what had come was kept: the service says how much
    }
  }
}

async function begun(item, patience, signal) {
  for (;;) {
    try {
      if (!item.replaces && await fileAt(item.path, signal)) await settle(item, signal);
      await item.hasBegun(await tus.create(item.path, item.file, signal));
      return { offset: 0, length: item.size, file: null };
    } catch (problem) {
      await patience.after(problem);
    }
  }
}

/** Asks what is to become of a file whose place is taken; its path, or what it may replace, is another then. */
async function settle(item, signal) {
  const answer = await item.asks(signal);
  if (answer === "skip") throw new Skipped();
  if (answer === "replace") return item.mayReplace();
  for (let count = 2; count < MOST_NUMBERS; count += 1) {
    const path = numbered(item.path, count);
    if (!(await fileAt(path, signal))) return item.goesTo(path);
  }
  throw new Problem(409, { title: "There are too many files of that name" });
}

async function fileAt(path, signal) {
  // The path itself comes before all that only begin with it.
  const { items } = await api.get("files", { query: { prefix: path, sort: "path", limit: 1 }, signal });
  return items[0]?.path === path ? items[0] : null;
}

async function isTheSame(there, file) {
  if (there.size !== file.size || !crypto.subtle) return false;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return there.sha256 === [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function requireName(path) {
  // An address cannot hold such names, and would silently be another.
  const isSayable = path.isWellFormed() && !path.split("/").some((segment) => segment === "." || segment === "..");
  if (!isSayable) throw new Problem(422, { title: "A file cannot have this name" });
}
