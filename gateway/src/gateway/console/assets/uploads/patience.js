/** How long to wait after what went wrong, and what is not waited for. */
import { pause } from "../dom.js";
import { isAbort } from "../problem.js";

const FIRST = 500;
const LONGEST = 30_000;
const ENOUGH = 10; // answers in a row that were refusals; a missing connection is waited for as long as it takes
const AT_ONCE = new Set(["offset-mismatch"]);
const PASSING = new Set([408, 423, 425, 429, 460, 500, 502, 503, 504]);

/** Of one file's way. `tell(problem)` hears why there is a pause, and null when it is over. */
export class Patience {
  #failures = 0;
  #signal;
  #tell;

  constructor(signal, tell) {
    this.#signal = signal;
    this.#tell = tell;
  }

  /** Something went well. */
  reset() {
    this.#failures = 0;
  }

  /** Settled when it can be tried again. Throws `problem` where that would be no use. */
  async after(problem) {
    if (isAbort(problem) || !this.#passes(problem)) throw problem;
    this.#failures += 1;
    this.#tell(problem);
    await awaited(this.#length(problem), problem.status === 0, this.#signal);
    this.#tell(null);
  }

  #passes({ status, slug }) {
    if (status === 0) return slug === "unreachable";
    return (PASSING.has(status) || AT_ONCE.has(slug)) && this.#failures < ENOUGH;
  }

  #length({ retryAfter, slug }) {
    if (retryAfter) return retryAfter * 1000;
    if (AT_ONCE.has(slug) && this.#failures === 1) return 0;
    return Math.min(LONGEST, FIRST * 2 ** (this.#failures - 1)) * (0.75 + Math.random() / 2);
  }
}

/** The pause ends early when the connection comes back, and not before where the browser knows that there is none. */
async function awaited(milliseconds, isUnreached, signal) {
  const back = new AbortController();
  const woken = () => back.abort();
  if (isUnreached) addEventListener("online", woken, { once: true });
  try {
    await pause(milliseconds, AbortSignal.any([signal, back.signal]));
    if (isUnreached && !navigator.onLine) await new Promise((resolve, reject) => {
      addEventListener("online", resolve, { once: true, signal });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  } catch (reason) {
    if (signal.aborted) throw signal.reason;
    if (!back.signal.aborted) throw reason;
  } finally {
    removeEventListener("online", woken);
  }
}
