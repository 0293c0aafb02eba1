/**
 * Shows a source of any length in rows of one fixed height: only what can be seen, and a little around it, is in the document.
 *
 * `draw(item, index)` makes the element of an item, `draw(undefined, index)` that of one which is not here yet. With several
 * columns the items stand side by side, as many as fit. The active item stays in the document even while it is scrolled away, so that the
 * keyboard's focus is not lost with it.
 */
import { h } from "../dom.js";

const BEYOND = 6; // rows above and below
const TALLEST = 16_000_000; // pixels; browsers draw nothing taller

export class VirtualList {
  #source;
  #options;
  #shown = new Map(); // index → element
  #frame = 0;
  #columns = 1;

  #kept; // the active item, which its page may have dropped

  active = -1;

  /** `narrowest` is the least width of a column in pixels, or null for one column; `body` is what holds the rows. */
  constructor(source, { body, head = null, height, narrowest = null, draw, isFocusable = true, signal }) {
    this.#source = source;
    this.#options = { height, narrowest, draw, isFocusable };
    this.body = body;
    this.head = head;
    this.element = h("div", { class: "scroller" }, head, body);
    this.element.addEventListener("scroll", () => this.#soon(), { passive: true });
    const observer = new ResizeObserver(() => this.#measure());
    observer.observe(this.element);
    source.addEventListener("change", () => this.redraw(), { signal });
    signal.addEventListener("abort", () => { observer.disconnect(); cancelAnimationFrame(this.#frame); });
  }

  get columns() {
    return this.#columns;
  }

  /** How many rows are seen at once. */
  get page() {
    return Math.max(1, Math.floor((this.element.clientHeight - this.#above) / this.#options.height) - 1);
  }

  elementAt(index) {
    return this.#shown.get(index);
  }

  /** Draws all that is seen anew, since items have changed. The focus stays. */
  redraw() {
    const anchored = this.#anchor();
    const { key } = this.#kept ?? {};
    const focused = [...this.#shown].find(([, element]) => element.contains(document.activeElement));
    const inside = focused && pathTo(focused[1], document.activeElement);
    this.#clear();
    this.#stretch();
    anchored();
    this.#follow(key);
    if (focused && this.#source.known) this.active = Math.min(this.active, this.#source.known - 1);
    this.#draw();
    const again = focused && this.#shown.get(this.active);
    if (again) (inside.reduce((element, number) => element?.children[number], again) ?? again).focus({ preventScroll: true });
  }

  /** Makes the item at `index` the one that the keyboard is at, and brings it into sight. */
  activate(index, { focus = true } = {}) {
    this.#shown.get(this.active)?.setAttribute("tabindex", -1);
    this.active = index;
    this.#kept = this.#source.at(index);
    this.reveal(index);
    this.#draw();
    const element = this.#shown.get(index);
    element?.setAttribute("tabindex", 0);
    if (focus) element?.focus({ preventScroll: true });
  }

  reveal(index) {
    const { height } = this.#options;
    const top = Math.floor(index / this.#columns) * height;
    const seen = this.element.clientHeight - this.#above;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + height > this.element.scrollTop + seen) this.element.scrollTop = top + height - seen;
  }

  get #above() {
    return this.head?.offsetHeight ?? 0;
  }

  #soon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #measure() {
    const { narrowest } = this.#options;
    const columns = narrowest ? Math.max(1, Math.floor(this.body.clientWidth / narrowest)) : 1;
    const first = Math.floor(this.element.scrollTop / this.#options.height) * this.#columns;
    if (columns !== this.#columns) {
      this.#columns = columns;
      this.#clear();
      this.#stretch();
      this.element.scrollTop = Math.floor(first / columns) * this.#options.height;
    }
    this.#stretch();
    this.#draw();
  }

  #stretch() {
    const rows = Math.ceil(this.#source.length / this.#columns);
    this.body.style.height = `${Math.min(TALLEST, rows * this.#options.height)}px`;
  }

  /** What stays where it is while things above it come and go: the first item that is seen. */
  #anchor() {
    const { height } = this.#options;
    const first = Math.floor(this.element.scrollTop / height) * this.#columns;
    const key = this.element.scrollTop > 0 ? this.#shown.get(first)?.dataset.key : undefined;
    return () => {
      const now = key === undefined ? -1 : this.#source.indexOf(key);
      if (now < 0 || now === first) return;
      this.element.scrollTop += (Math.floor(now / this.#columns) - Math.floor(first / this.#columns)) * height;
      if (this.active >= 0) this.active = Math.max(0, this.active + now - first);
    };
  }

  /** What the keyboard is at stays the same item, wherever in the list it is now. Where it is gone, its neighbour comes in its place. */
  #follow(key) {
    const now = key === undefined || this.active < 0 ? -1 : this.#source.indexOf(key);
    if (now >= 0) this.active = now;
  }

  #clear() {
    for (const element of this.#shown.values()) element.remove();
    this.#shown.clear();
  }

  #draw() {
    const { height } = this.#options;
    const top = Math.floor(this.element.scrollTop / height);
    const rows = Math.ceil(this.element.clientHeight / height);
    const from = Math.max(0, top - BEYOND) * this.#columns;
    const to = Math.min(this.#source.length, (top + rows + BEYOND) * this.#columns);
    for (const [index, element] of this.#shown) {
      if ((index < from || index >= to) && index !== this.active) {
        element.remove();
        this.#shown.delete(index);
      }
    }
    for (let index = from; index < to; index += 1) this.#put(index);
    if (this.active >= 0 && this.active < this.#source.length) this.#put(this.active);
    this.#source.want(from, to);
  }

  #put(index) {
    if (this.#shown.has(index)) return;
    const { height, draw } = this.#options;
    const item = this.#source.at(index) ?? (index === this.active ? this.#kept : undefined);
    if (index === this.active) this.#kept = item;
    const element = draw(item, index);
    element.style.top = `${Math.floor(index / this.#columns) * height}px`;
    element.style.height = `${height}px`;
    if (this.#columns > 1 || this.#options.narrowest) {
      element.style.left = `${((index % this.#columns) * 100) / this.#columns}%`;
      element.style.width = `${100 / this.#columns}%`;
    }
    if (this.#options.isFocusable) element.tabIndex = index === Math.max(0, this.active) ? 0 : -1;
    this.#shown.set(index, element);
    // In the order of the list, which is the order that screen readers read in.
    const before = [...this.body.children].find((other) => Number(other.dataset.index) > index);
    this.body.insertBefore(element, before ?? null);
  }
}

/** By numbers of children, from `element` to what is inside it. */
function pathTo(element, inside) {
  const path = [];
  for (let at = inside; at !== element; at = at.parentElement) path.unshift([...at.parentElement.children].indexOf(at));
  return path;
}
