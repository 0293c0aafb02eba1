/** The rows of a table, of any number, as a virtual list wants them: fetched by offset, those of a few pages held. */
import { api, whenRead } from "../api.js";
import { isAbort } from "../problem.js";

const PAGE = 100;
const HELD = 12; // pages

export class RowSource extends EventTarget {
  #pages = new Map(); // number → rows, the last used last
  #asked = new Set();

  columns = null;
  length = 0;

  /** `question` are the parameters of `GET /files/{id}/rows` beside offset and limit. */
  constructor(file, question, signal) {
    super();
    Object.assign(this, { file, question, signal });
  }

  /** Throws a Problem where the question cannot be understood, or the file not be read. */
  async open() {
    await this.#fetch(0);
    return this;
  }

  get known() {
    return this.length;
  }

  at(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  indexOf = () => -1;

  want(from, to) {
    for (let number = Math.floor(from / PAGE); number * PAGE < to; number += 1) {
      if (this.#pages.has(number) || this.#asked.has(number)) continue;
      this.#fetch(number).then(() => this.dispatchEvent(new Event("change")), (problem) => {
        if (!isAbort(problem)) this.dispatchEvent(new CustomEvent("problem", { detail: problem }));
      });
    }
  }

  async #fetch(number) {
    this.#asked.add(number);
    try {
      const query = { ...this.question, version: this.file.version, offset: number * PAGE, limit: PAGE };
      const answer = await whenRead(() => api.get(`files/${this.file.id}/rows`, { query, signal: this.signal }), this.signal);
      this.columns = answer.columns;
      this.length = answer.row_count;
      this.#pages.delete(number);
      this.#pages.set(number, answer.rows);
      while (this.#pages.size > HELD) this.#pages.delete(this.#pages.keys().next().value);
    } finally {
      this.#asked.delete(number);
    }
  }
}
