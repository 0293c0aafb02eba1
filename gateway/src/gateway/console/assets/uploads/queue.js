/** Everything that is being uploaded: some files at once, the others in their turn. */
import { failed } from "../toasts.js";
import { Item, RESTING } from "./item.js";
import { brokenOff, forget } from "./kept.js";
import { isSame, within } from "./names.js";
import { Pace } from "./pace.js";
import { Sources } from "./sources.js";

const AT_ONCE = 3;
const AHEAD = 50; // files that are known and wait, before more of a folder is read
const ENDED = 20; // of those that are over, how many are still held

class Uploads extends EventTarget {
  items = [];
  pace = new Pace();
  /** Of those that are over and no longer held. */
  past = { files: 0, bytes: 0 };
  #sources = new Sources();
  #isReading = false;
  #owner = null;
  #left = nobodys(); // what was on its way when the session ended while the page stayed

  /** Whether more of what was dropped is still to be read. */
  get isReading() {
    return !this.#sources.isEmpty;
  }

  get isActive() {
    return this.#sources.isOpen || this.items.some((item) => !RESTING.has(item.state));
  }

  /** Whether something is there that would go on if it were told to. */
  get isStopped() {
    return this.#sources.isHeld || this.items.some((item) => item.state === "paused" || item.state === "failed");
  }

  /** `found` are files as reading.js tells of them; they go into `folder`. Where that is null, only what was broken off goes on. */
  add(found, folder) {
    this.#sources.add(found, folder);
    this.#tend();
  }

  pauseAll() {
    this.#sources.hold();
    this.items.forEach((item) => item.pause());
    this.#tell();
  }

  resumeAll() {
    this.#sources.release();
    this.items.forEach((item) => item.resume());
    this.#tend();
  }

  async cancelAll() {
    await this.#sources.cancel();
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

  /** Whoever is signed in sees their own, and nothing of it goes on by itself; what was somebody else's stays in the browser, unseen. */
  async belongTo(owner) {
    if (owner === this.#owner) return;
    if (this.#owner) this.#left = { owner: this.#owner, files: new Map(this.items.map((item) => [item.key, item.file])), sources: this.#sources };
    this.pauseAll();
    this.#owner = owner;
    this.#sources = owner !== null && owner === this.#left.owner ? this.#left.sources : new Sources();
    this.items = [];
    this.past = { files: 0, bytes: 0 };
    this.pace.reset();
    this.#tell();
    if (owner === null) return;
    const records = await brokenOff(owner);
    if (this.#owner !== owner) return;
    if (this.#left.owner !== owner) this.#left = nobodys();
    for (const record of records) this.#recall(record);
    this.#left = nobodys();
    this.#tell();
  }

  #recall(record) {
    const file = this.#left.files.get(record.key) ?? null;
    const item = this.#put(new Item(record, { file, batch: { count: 1, answer: null }, changed: this.#changed }));
    Object.assign(item, { state: file ? "paused" : "lost", mayBeThere: true });
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
      while (this.#hasRoom && await this.#sources.read(this.#take)) this.#start();
    } finally {
      this.#isReading = false;
    }
    this.#tell();
  }

  get #hasRoom() {
    return this.items.filter((item) => item.state === "waiting").length < AHEAD;
  }

  #take = async ({ file, source, handle }, { folder, batch }) => {
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
  };

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

const nobodys = () => ({ owner: null, files: new Map(), sources: new Sources() });
const isRunning = (item) => item.state === "running" || item.state === "asking";
const isOver = (item) => item.state === "done" || item.state === "skipped" || item.state === "cancelled";

export const uploads = new Uploads();
