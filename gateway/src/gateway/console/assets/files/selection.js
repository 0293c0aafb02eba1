/** Which items are selected, whether or not they are in sight. Dispatches "change". */

const MOST = 1000; // as many as an archive takes

export class Selection extends EventTarget {
  #items = new Map();
  #anchor = { key: null, index: 0 }; // where a range begins

  get items() {
    return [...this.#items.values()];
  }

  get size() {
    return this.#items.size;
  }

  has(key) {
    return this.#items.has(key);
  }

  only(item, index) {
    this.#items = new Map([[item.key, item]]);
    this.#anchor = { key: item.key, index };
    this.#tell();
  }

  toggle(item, index) {
    if (!this.#items.delete(item.key)) this.#items.set(item.key, item);
    this.#anchor = { key: item.key, index };
    this.#tell();
  }

  /** From where the last one was selected, up to `index`. False where that is too many. */
  async through(source, index) {
    const now = source.indexOf(this.#anchor.key);
    const anchor = now < 0 ? this.#anchor.index : now;
    return this.range(source, Math.min(anchor, index), Math.max(anchor, index) + 1);
  }

  /** What is not here yet is fetched. */
  async range(source, from, to) {
    if (to - from > MOST) return false;
    await source.want(from, to);
    const found = [];
    for (let at = from; at < to; at += 1) if (source.at(at)) found.push(source.at(at));
    this.#items = new Map(found.map((item) => [item.key, item]));
    this.#tell();
    return true;
  }

  remove(key) {
    if (this.#items.delete(key)) this.#tell();
  }

  /** As the item is now. */
  replace(item) {
    if (this.#items.has(item.key)) this.#items.set(item.key, item);
  }

  clear() {
    if (!this.#items.size) return;
    this.#items.clear();
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
