/**
 * A list of any length, of which only what is near is held.
 *
 * Lists are keyset-paged: a page can only be asked for with the cursor that the one before it gave. So the pages make a chain that is
 * fetched in order, and of each that was seen its cursor is remembered. Of the items, those of a few pages around what is shown are
 * kept; those of other pages are dropped, and asked for again by cursor when somebody comes back. What is far beyond the known end (a
 * jump with the scrollbar, the End key) is reached by larger pages. How long the list is tells its end alone: until that is
 * known it is taken to be twice as long as what was seen, with placeholders for the rest.
 *
 * Something new in a known page: the page is asked for again, up to the item it ended with, so that the cursors behind stay
 * right. Where that one is gone, too, the chain is taken up from there, while the list stays as long as it was.
 */
import { isAbort } from "../problem.js";

const PAGE = 100;
const LEAP = 900;
const SPARE = 100; // new items that a page may have got since it was seen
const HELD = 1500; // items

const held = (items) => ({ items, count: items.length, last: items.at(-1)?.key ?? null });
const isSame = (place, other) => JSON.stringify(place) === JSON.stringify(other);

export class PagedSource extends EventTarget {
  #fetch;
  #signal;
  #pages = []; // {place, next, count, last, items}: items null where they were dropped, `last` the key of the last one
  #next;
  #floor = 0;
  #wanted = [0, 0];
  #pump = null;

  problem = null;

  /** `fetch(place, limit, signal)` answers `{items, next}`; `first` is the place to begin at; null is behind the end. */
  constructor(fetch, first, signal) {
    super();
    this.#fetch = fetch;
    this.#next = first;
    this.#signal = signal;
  }

  get known() {
    return this.#pages.reduce((sum, page) => sum + page.count, 0);
  }

  get isWhole() {
    return this.#next === null;
  }

  /** With what is not known yet. */
  get length() {
    const { known } = this;
    return this.isWhole ? known : Math.max(known * 2, known + PAGE, this.#floor);
  }

  /** The item there, or undefined where it is not here now. */
  at(index) {
    const found = this.#page(index);
    return found && this.#pages[found.number].items?.[index - found.start];
  }

  /** Where the item with that key is among what is held, or -1. */
  indexOf(key) {
    let start = 0;
    for (const page of this.#pages) {
      const found = page.items?.findIndex((one) => one.key === key) ?? -1;
      if (found >= 0) return start + found;
      start += page.count;
    }
    return -1;
  }

  /** Items from `from` to before `to` are here soon; settled once they are, or something is wrong. */
  want(from, to) {
    this.#wanted = [from, to];
    this.#pump ??= this.#run().finally(() => { this.#pump = null; });
    return this.#pump;
  }

  retry() {
    this.problem = null;
    return this.want(...this.#wanted);
  }

  /** All the way: how many there are. */
  async end() {
    while (!this.isWhole && !this.problem && !this.#signal.aborted) await this.want(this.known + 20 * LEAP, this.known + 20 * LEAP + 1);
    return this.known;
  }

  remove(key) {
    const page = this.#holding(key);
    if (!page) return;
    Object.assign(page, held(page.items.filter((one) => one.key !== key)));
    this.#changed();
  }

  replace(item) {
    const page = this.#holding(item.key);
    if (!page) return;
    page.items = page.items.map((one) => (one.key === item.key ? { ...one, ...item } : one));
    this.#changed();
  }

  /** Asks anew for what is held, that which is wanted first. The old is shown until then. */
  refresh() {
    this.problem = null;
    for (const page of this.#pages) page.isStale = true;
    return this.want(...this.#wanted);
  }

  #holding(key) {
    return this.#pages.find((page) => page.items?.some((one) => one.key === key));
  }

  #page(index) {
    let start = 0;
    for (let number = 0; number < this.#pages.length; number += 1) {
      const { count } = this.#pages[number];
      if (index < start + count) return { number, start };
      start += count;
    }
    return null;
  }

  async #run() {
    while (!this.problem && !this.#signal.aborted) {
      const step = this.#step();
      if (!step) return;
      try {
        await step();
      } catch (problem) {
        if (isAbort(problem)) return;
        this.problem = problem;
      }
      this.#changed();
    }
  }

  /** What is to be fetched next, or null. */
  #step() {
    const [from, to] = this.#wanted;
    let start = 0;
    for (const [number, page] of this.#pages.entries()) {
      const isSeen = start < to && start + page.count > from;
      if ((isSeen || (page.isStale && page.count === 0)) && (!page.items || page.isStale)) return () => this.#again(number);
      start += page.count;
    }
    // Behind an end that is shown, something may be new, too.
    const ending = this.#pages.at(-1);
    if (this.isWhole && ending?.isStale && to >= start) return () => this.#again(this.#pages.length - 1);
    if (to <= start || this.isWhole) return null;
    return () => this.#further(from - start > 5 * PAGE ? LEAP : PAGE);
  }

  async #further(limit) {
    const place = this.#next;
    const { items, next } = await this.#fetch(place, limit, this.#signal);
    if (place !== this.#next) return;
    this.#pages.push({ ...held(items), place, next });
    this.#next = next;
    if (next === null) this.#floor = 0;
    this.#drop();
  }

  async #again(number) {
    const page = this.#pages[number];
    const { items, next } = await this.#fetch(page.place, Math.min(LEAP, page.count) + SPARE, this.#signal);
    if (this.#pages[number] !== page) return;
    const isLast = number === this.#pages.length - 1;
    const end = isLast || isSame(next, page.next) ? items.length - 1 : items.findIndex((one) => one.key === page.last);
    if (isLast || (end < 0 && items.length > 0)) {
      this.#floor = this.length;
      this.#pages.length = number + 1;
      this.#next = page.next = next;
    }
    if (this.isWhole) this.#floor = 0;
    Object.assign(page, held(end < 0 ? items : items.slice(0, end + 1)), { isStale: false });
    this.#drop();
  }

  /** Lets go of the items that are farthest from what is wanted, until few enough are held; of what is wanted itself, never. */
  #drop() {
    const [from, to] = this.#wanted;
    let start = 0;
    const near = [];
    for (const page of this.#pages) {
      if (page.items) near.push({ page, distance: Math.max(start - to + 1, from - start - page.count + 1, 0) });
      start += page.count;
    }
    let count = 0;
    for (const { page, distance } of near.sort((one, other) => one.distance - other.distance)) {
      count += page.count;
      if (distance > 0 && count > HELD) page.items = null;
    }
  }

  #changed = () => this.dispatchEvent(new Event("change"));
}
