/** Tables that are cards on phones, and lists that come page by page. */
import { api } from "./api.js";
import { announce, fill, h } from "./dom.js";
import { plural } from "./format.js";
import { isAbort } from "./problem.js";

/** `columns` are `[title, (item) => content]`; a column without a title holds buttons. Roles are named, since cards are no table to a browser. */
export function table(caption, columns, items) {
  const heads = columns.map(([title]) => h("th", { scope: "col", role: "columnheader" }, title || h("span", { class: "spoken" }, "What can be done")));
  return h("table", { class: "cards", role: "table", "aria-label": caption },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)),
    h("tbody", { role: "rowgroup" }, items.map((item) => row(columns, item))));
}

function row(columns, item) {
  const cells = columns.map(([title, show]) =>
    h("td", { role: "cell", "data-label": title || null, class: title ? "" : "deeds" }, h("div", {}, show(item))));
  return h("tr", { role: "row" }, cells);
}

/**
 * A list that is fetched when it is made. `query()` answers the filters as they are now; `reload()` begins anew after they, or the
 * things themselves, were changed. `{items, next_cursor}` and plain arrays are understood.
 */
export function list(path, { caption, columns, query = () => ({}), empty = "There is nothing here.", noun = "entry", nouns, signal, onload }) {
  const region = h("div", { class: "list", role: "region", "aria-label": caption, tabindex: -1 });
  let loading = new AbortController();
  let shown = null;

  async function load(cursor) {
    loading.abort();
    loading = new AbortController();
    const mine = AbortSignal.any([loading.signal, signal]);
    region.setAttribute("aria-busy", "true");
    try {
      const answer = await api.get(path, { query: { ...query(), cursor }, signal: mine });
      await onload?.(answer, mine);
      show(answer.items ?? answer, answer.next_cursor ?? null, Boolean(cursor));
      region.removeAttribute("aria-busy");
    } catch (problem) {
      if (isAbort(problem)) return;
      region.removeAttribute("aria-busy");
      const refusal = h("div", { class: "refusal", role: "alert" }, problem.message);
      const tried = [refusal, again(() => load(cursor), "Try again")];
      if (cursor) region.querySelector(".more").replaceWith(h("div", { class: "more" }, tried));
      else fill(region, tried);
    }
  }

  function show(items, cursor, isMore) {
    const held = region.contains(document.activeElement) && document.activeElement !== region;
    const fresh = table(caption, columns, items);
    if (isMore) {
      const rows = [...fresh.tBodies[0].rows];
      shown.tBodies[0].append(...rows);
      region.querySelector(".more")?.remove();
      (rows[0] ? focusable(rows[0]) : region).focus();
    } else {
      shown = fresh;
      fill(region, items.length ? h("div", { class: "scroll" }, shown) : h("p", { class: "nothing" }, empty));
      if (held) region.focus();
    }
    if (cursor) region.append(again(() => load(cursor), "Show more", "more"));
    announce(`${plural(shown.tBodies[0].rows.length, noun, nouns)}${cursor ? ", and more" : ""}`);
  }

  load();
  return Object.assign(region, { reload: () => load() });
}

const focusable = (element) => Object.assign(element, { tabIndex: -1 });

const again = (run, text, kind = "") => h("p", { class: kind }, h("button", { type: "button", onclick: run }, text));

/** The same list after something in it was changed: the focus does not fall out of the page with what is gone. */
export async function reloaded(region) {
  await region.reload();
  if (document.activeElement === document.body) region.focus({ preventScroll: true });
}

export const chips = (words) => (words.length ? h("span", { class: "chips" }, words.map((word) => [h("span", { class: "chip" }, word), " "])) : "–");

/** A moment, and exactly when for whoever asks. */
export function time(iso, show) {
  return iso ? h("time", { datetime: iso, title: new Date(iso).toISOString() }, show(iso)) : "–";
}
