/** One file that is to be uploaded: what it is, how far it has got, and what is shown of it. */
import { isAbort, Problem } from "../problem.js";
import { tell } from "../toasts.js";
import { forget, keep } from "./kept.js";
import { nameOf } from "./names.js";

// Loaded with the first file that is sent: who only looks does without.
const loaded = (module) => module.catch(() => { throw Problem.unreachable(); });

/** In these states nothing more happens by itself. "lost" is what was broken off and whose file must be chosen again. */
export const RESTING = new Set(["paused", "lost", "failed", "done", "skipped", "cancelled"]);

export class Item {
  state = "waiting";
  sent = 0;
  note = "";
  fileId = null;
  mayBeThere = false; // it was sent before, and nobody heard the answer
  #leaving = null;
  #running = Promise.resolve();
  #changed;

  /** `record` as in kept.js; `file` is a File, or null where it is not at hand; `batch` what was added together. */
  constructor(record, { file, batch, changed }) {
    Object.assign(this, { upload: null, replaces: false, handle: null, ...record, file, batch });
    this.#changed = changed;
  }

  get name() {
    return nameOf(this.path);
  }

  get #record() {
    const { key, owner, path, source, size, modified, upload, replaces, handle } = this;
    return { key, owner, path, source, size, modified, upload, replaces, handle };
  }

  kept() {
    return keep(this.#record);
  }

  /** Sends it; settled when that is over, however it went. */
  run() {
    this.#leaving = new AbortController();
    this.#is("running");
    this.#running = this.#send(this.#leaving.signal);
    return this.#running;
  }

  async #send(signal) {
    try {
      const { transfer } = await loaded(import("./transfer.js"));
      this.fileId = await transfer(this, signal);
      this.sent = this.size;
      await this.#ends("done");
    } catch (problem) {
      if (problem.name === "Skipped") await this.#ends("skipped");
      else if (!isAbort(problem)) this.#is("failed", problem.status === 507 || problem.status === 413 ? plainly(problem) : problem.message);
    }
  }

  async #ends(state) {
    await forget(this.key);
    this.file = this.handle = null;
    this.#is(state);
  }

  /** Stops where it is. What has come is kept by the service. */
  pause() {
    this.#leaving?.abort(new DOMException("Paused", "AbortError"));
    if (!RESTING.has(this.state)) this.#is("paused");
  }

  resume() {
    if (this.state === "paused" || this.state === "failed") this.#is("waiting");
  }

  /** Ends it, and frees what the service has of it. */
  async cancel() {
    this.#leaving?.abort(new DOMException("Cancelled", "AbortError"));
    this.#is("cancelled");
    await this.#running;
    await forget(this.key);
    if (!this.upload) return;
    const { remove } = await loaded(import("./tus.js"));
    await remove(this.upload);
  }

  /** The file was found again. */
  found(file, batch = this.batch) {
    Object.assign(this, { file, batch });
    this.#is("waiting");
  }

  /* What transfer.js tells of the way. */

  hasSent(bytes) {
    this.sent = bytes;
    this.#changed(this);
  }

  isAt(offset) {
    this.note = "";
    this.hasSent(offset);
  }

  waits(problem) {
    this.note = problem === null ? "" : problem.status === 0 ? "Waiting for the connection" : problem.status === 423 ? "Still in use, trying again" : `${problem.message}. Trying again`;
    this.#changed(this);
  }

  hasBegun(upload) {
    this.upload = upload;
    return this.kept();
  }

  beginsAnew() {
    this.upload = null;
    this.sent = 0;
    this.#changed(this);
    tell(`What had come of ${this.name} was no longer kept, so it begins anew`);
    return this.kept();
  }

  async asks(signal) {
    const { clash } = await loaded(import("./clashes.js"));
    this.#is("asking");
    const answer = await clash(this, signal);
    this.#is("running");
    return answer;
  }

  goesTo(path) {
    this.path = path;
    return this.kept();
  }

  mayReplace() {
    this.replaces = true;
    return this.kept();
  }

  /** A file that was changed or removed on the disk fails like a connection, and would be waited for without end. */
  async stillReadable(problem) {
    if (problem.status !== 0) return;
    await this.file.slice(0, 1).arrayBuffer().catch(() => {
      throw new Problem(422, { title: "The file was changed or moved meanwhile" });
    });
  }

  #is(state, note = "") {
    this.state = state;
    this.note = note;
    this.#changed(this);
  }
}

function plainly({ status, body }) {
  if (status === 413) return "It is larger than files may be here";
  return Number.isFinite(body.left) ? "There is not enough room left in your account" : "There is not enough room left";
}
