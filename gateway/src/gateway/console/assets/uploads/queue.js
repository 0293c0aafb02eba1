/** Everything that is being uploaded: some files at once, the others in their turn. */
import { Problem } from "../problem.js";
import { failed } from "../toasts.js";
import { Item, RESTING } from "./item.js";
import { brokenOff, forget } from "./kept.js";
import { isSame, within } from "./names.js";
import { Pace } from "./pace.js";

const AT_ONCE = 3;
const AHEAD = 50; // files that are known and wait, before more of a folder is read
const ENDED = 20; // of those that are over, how many are still held

class Uploads extends EventTarget {
  items = [];
  pace = new Pace();
  /** Of those that are over and no longer held. */
  past = { files: 0, bytes: 0 };
  #sources = [];
  #isReading = false;
  #isHeld = false; // nothing more is read while all is paused
  #owner = null;
  #left = { owner: null, files: new Map() }; // whose session ended while the page stayed

  /** Whether more of what was dropped is still to be read. */
  get isReading() {
    return this.#sources.length > 0;
  }

  get isActive() {
    return this.isReading || this.items.some((item) => !RESTING.has(item.state));
  }

  /** `found` are files as reading.js tells of them; they go into `folder`. Where that is null, only what was broken off goes on. */
  add(found, folder) {
    this.#sources.push({ found: found[Symbol.asyncIterator](), folder, batch: { count: 0, answer: null } });
    this.#isHeld = false;
    this.#tend();
  }

  pauseAll() {
    this.#isHeld = true;
    this.items.forEach((item) => item.pause());
  }

  resumeAll() {
    this.#isHeld = false;
    this.items.forEach((item) => item.resume());
    this.#tend();
  }

  async cancelAll() {
    await Promise.allSettled(this.#sources.splice(0).map(({ found }) => found.return()));
    await Promise.allSettled(this.items.filter((item) => !isOver(item)).map((item) => item.cancel()));
    this.clearEnded();
  }

  resume(item) {
    item.resume();
    this.#tend();
  }

  /** The file of one that was broken off. */
  found(item, file) {
    item.found(file);
    this.#tend();
  }

  /** No longer shows what is over. */
  clearEnded() {
    this.items = this.items.filter((item) => !isOver(item));
    this.past = { files: 0, bytes: 0 };
    this.#tell();
  }

  /** Whoever is signed in sees their own; what was somebody else's stays in the browser, unseen. */
  async belongTo(owner) {
    if (owner === this.#owner) return;
    if (this.#owner) this.#left = { owner: this.#owner, files: new Map(this.items.map((item) => [item.key, item.file])) };
    this.#owner = owner;
    this.#sources = [];
    this.items.forEach((item) => item.pause());
    this.items = [];
    this.past = { files: 0, bytes: 0 };
    this.pace.reset();
    this.#tell();
    if (owner === null) return;
    const records = await brokenOff(owner);
    if (this.#owner !== owner) return;
    for (const record of records) this.#recall(record);
    this.#left = { owner: null, files: new Map() };
    this.#tell();
  }

  #recall(record) {
    const file = (this.#left.owner === this.#owner && this.#left.files.get(record.key)) || null;
    const item = this.#put(new Item(record, { file, batch: { count: 1, answer: null }, changed: this.#changed }));
    item.state = file ? "paused" : "lost";
  }

  #tend() {
    this.#start();
    this.#read();
    if (!this.isActive) this.pace.reset();
    this.#tell();
  }

  /** Begins what there is room for. */
  #start() {
    let running = this.items.filter(isRunning).length;
    for (const item of this.items) {
      if (running >= AT_ONCE) return;
      if (item.state !== "waiting") continue;
      running += 1;
      item.run().catch(failed).finally(() => this.#tend());
    }
  }

  /** Reads on in what was dropped, as long as few files wait. */
  async #read() {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#sources.length && !this.#isHeld && this.items.filter((item) => item.state === "waiting").length < AHEAD) {
        await this.#readOne(this.#sources[0]);
        this.#start();
      }
    } finally {
      this.#isReading = false;
    }
    this.#tell();
  }

  async #readOne(source) {
    const next = await source.found.next().catch((problem) => { failed(problem, "Some files could not be read"); return { done: true }; });
    if (source !== this.#sources[0]) return; // everything was cancelled meanwhile
    if (next.done) this.#sources.shift();
    else if (next.value.unreadable) failed(new Problem(422, { title: `${next.value.unreadable} could not be read` }));
    else await this.#take(next.value, source);
  }

  async #take({ file, source, handle }, { folder, batch }) {
    batch.count += 1;
    const known = this.items.find((item) => item.state === "lost" && isSame(item, file, source));
    if (known) return known.found(file, batch);
    if (folder === null) return null;
    const record = {
      key: crypto.getRandomValues(new Uint32Array(4)).join("-"),
      owner: this.#owner, path: within(folder, source), source, size: file.size, modified: file.lastModified, handle,
    };
    const item = this.#put(new Item(record, { file, batch, changed: this.#changed }));
    return item.kept();
  }

  #put(item) {
    this.items.push(item);
    return item;
  }

  #changed = (item) => {
    this.pace.add(item.sent - (item.counted ?? item.sent));
    item.counted = item.sent;
    if (item.state === "done" && !item.told) {
      item.told = true;
      this.dispatchEvent(new CustomEvent("done", { detail: { id: item.fileId, path: item.path } }));
      this.#trim();
    }
    if (item.state === "cancelled" || item.state === "skipped") this.#trim();
    this.#tell();
  };

  #trim() {
    const ended = this.items.filter(isOver);
    for (const item of ended.slice(0, Math.max(0, ended.length - ENDED))) {
      this.items.splice(this.items.indexOf(item), 1);
      if (item.state !== "done") continue;
      this.past.files += 1;
      this.past.bytes += item.size;
    }
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }

  /** Ends one; also one that was broken off, whose file nobody chose again. */
  async cancel(item) {
    await item.cancel().catch((problem) => failed(problem, item.name));
    await forget(item.key);
    this.#tend();
  }
}

const isRunning = (item) => item.state === "running" || item.state === "asking";
const isOver = (item) => item.state === "done" || item.state === "skipped" || item.state === "cancelled";

export const uploads = new Uploads();
