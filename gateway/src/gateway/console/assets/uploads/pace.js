/** How fast it goes, smoothed, and how long it will take. */

const SPAN = 8000; // milliseconds that are looked back on

export class Pace {
  #marks = [];
  #total = 0;

  /** So many bytes more have gone. What turned out not to have arrived is a negative number. */
  add(bytes, now = performance.now()) {
    this.#total += bytes;
    const last = this.#marks.at(-1);
    if (last && now - last.at < 250) last.total = this.#total;
    else this.#marks.push({ at: now, total: this.#total });
    while (this.#marks.length > 2 && now - this.#marks[1].at > SPAN) this.#marks.shift();
  }

  /** Bytes a second; null where too little is known. */
  speed(now = performance.now()) {
    const [first] = this.#marks;
    if (!first || now - first.at < 1000) return null;
    return Math.max(0, (this.#total - first.total) / ((now - first.at) / 1000));
  }

  /** Seconds for so many bytes; null where nobody could say. */
  left(bytes) {
    const speed = this.speed();
    return speed ? bytes / speed : null;
  }

  reset() {
    this.#marks = [];
  }
}
