/** What was chosen and dropped, of which one file after the other is taken. */
import { Problem } from "../problem.js";
import { failed } from "../toasts.js";

export class Sources {
  #all = [];

  get isEmpty() {
    return this.#all.length === 0;
  }

  get isHeld() {
    return this.#all.some((source) => source.isHeld);
  }

  /** Whether one is read as soon as there is room for more. */
  get isOpen() {
    return this.#all.some((source) => !source.isHeld);
  }

  /** `found` are files as reading.js tells of them; they go into `folder`. */
  add(found, folder) {
    this.#all.push({ found: found[Symbol.asyncIterator](), next: null, folder, batch: { count: 0, answer: null }, isHeld: false });
  }

  /** Nothing more is read of those that are here, until they are released. */
  hold(isHeld = true) {
    this.#all.forEach((source) => { source.isHeld = isHeld; });
  }

  release() {
    this.hold(false);
  }

  async cancel() {
    await Promise.allSettled(this.#all.splice(0).map(({ found }) => found.return()));
  }

  /** Calls `take(file, source)` with the next file there is; false where none is to be read now. */
  async read(take) {
    const source = this.#all.find((one) => !one.isHeld);
    if (!source) return false;
    source.next ??= source.found.next().catch((problem) => { failed(problem, "Some files could not be read"); return { done: true }; });
    const { done, value } = await source.next;
    if (source.isHeld || !this.#all.includes(source)) return true; // everything was paused or cancelled meanwhile
    source.next = null;
    if (done) this.#all.splice(this.#all.indexOf(source), 1);
    else if (value.unreadable) failed(new Problem(422, { title: `${value.unreadable} could not be read` }));
    else await take(value, source);
    return true;
  }
}
