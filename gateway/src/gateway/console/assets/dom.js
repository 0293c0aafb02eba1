/** Elements, made without markup: text never becomes anything but text. */

/**
 * An element with attributes and children. `onclick` and the like are listeners; true sets an attribute empty, and false,
 * null and undefined leave it out. Strings among the children are text; arrays are flattened, null and false left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...kept(children));
  return element;
}

/** As h(), with `text` where the service marked what was found: only <mark> is known, anything else stays text. */
export function marked(snippet) {
  const parts = snippet.split(/(<mark>|<\/mark>)/);
  const fragment = document.createDocumentFragment();
  let inside = false;
  for (const part of parts) {
    if (part === "<mark>" || part === "</mark>") inside = part === "<mark>";
    else if (part) fragment.append(inside ? h("mark", {}, unescaped(part)) : unescaped(part));
  }
  return fragment;
}

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'", "#39": "'", "#34": '"' };

function unescaped(text) {
  return text.replace(/&(amp|lt|gt|quot|#x27|#39|#34);/g, (_, name) => ENTITIES[name]);
}

function kept(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replaces what is in `element`. */
export function fill(element, ...children) {
  element.replaceChildren(...kept(children));
  return element;
}

/** Runs `work` once things have been quiet for so long; `cancel()` forgets it. */
export function debounced(work, milliseconds) {
  let timer = null;
  const run = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), milliseconds);
  };
  run.cancel = () => clearTimeout(timer);
  return run;
}

export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const leave = () => { clearTimeout(timer); reject(signal.reason); };
    const timer = setTimeout(() => { signal?.removeEventListener("abort", leave); resolve(); }, milliseconds);
    signal?.addEventListener("abort", leave, { once: true });
  });
}

/** Says something to screen readers without showing it. */
export function announce(text) {
  const region = document.getElementById("announcements");
  if (region) region.textContent = text;
}

/** Loads a style sheet of this console, once; settled when it can be used. */
const sheets = new Map();
export function loadStyle(name) {
  if (!sheets.has(name)) {
    const link = h("link", { rel: "stylesheet", href: new URL(name, import.meta.url).href });
    sheets.set(name, new Promise((resolve) => { link.onload = link.onerror = resolve; }));
    document.head.append(link);
  }
  return sheets.get(name);
}
