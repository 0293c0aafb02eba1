/** One's files: a folder, or what a search found. */
import { debounced, fill, h } from "../dom.js";
import { adding } from "../files/adding.js";
import { browser } from "../files/browser.js";
import { deeds, onDeedKey } from "../files/deeds.js";
import { emptyFolder } from "../files/empty.js";
import { breadcrumbs } from "../files/breadcrumbs.js";
import { listing } from "../files/listing.js";
import { followLive } from "../files/live-changes.js";
import { addressOf, keepAddress, nameOf, placeOf } from "../files/place.js";
import { selectionBar } from "../files/selection-bar.js";
import { shortcuts } from "../files/shortcuts.js";
import { searchField, viewSwitch } from "../files/toolbar.js";
import { showUsage } from "../files/usage-meter.js";
import { menu } from "../dialogs.js";
import { go } from "../router.js";
import { trying } from "../toasts.js";

const COLUMNS = [{ name: "name", title: "Name", sort: "name" }, { name: "size", title: "Size", sort: "size" }, { name: "changed", title: "Changed", sort: "updated_at" }];

export default function page({ rest, query, signal }) {
  const place = placeOf({ rest, query });
  const title = h("h1", {});
  const way = h("div", {});
  const area = h("div", { class: "area" });
  const bar = h("div", { class: "bar-of-selection" });
  let shown = null;
  let leaving = new AbortController();

  /** What is listed or how has changed: list anew, the rest of the page stays. */
  function change(wanted = {}) {
    Object.assign(place, wanted);
    keepAddress(place);
    const held = area.contains(document.activeElement);
    leaving.abort(new DOMException("Shown otherwise", "AbortError"));
    leaving = new AbortController();
    show(AbortSignal.any([leaving.signal, signal]));
    if (held) shown.focus();
  }

  function show(aborting) {
    const source = listing(place, aborting);
    title.textContent = place.tag ? `Tagged ${place.tag}` : place.q ? "Search" : nameOf(place.folder) || "Files";
    fill(way, breadcrumbs(place));
    const again = async () => {
      await source.refresh();
      shown.selection.clear();
      if (document.activeElement === document.body) shown.focus();
    };
    const context = { place, again };
    shown = browser({
      place, source, label: title.textContent, columns: COLUMNS, signal: aborting,
      onsort: (sort) => change({ sort }),
      onopen: (item) => (item.kind === "folder" ? go(addressOf({ folder: item.path })) : open(item, source)),
      onmenu: (item, anchor, point) => menu(anchor, deeds(chosen(item), context), point),
      onkey: (event, items) => onDeedKey(event, items, context),
    });
    const chosen = (item) => (shown.selection.has(item.key) ? shown.selection.items : [item]);
    fill(bar, selectionBar(shown.selection, context));
    fill(area, shown.element, emptyFolder(source, place, aborting));
    followLive({ source, selection: shown.selection, place, signal: aborting });
    if (place.open) open({ id: place.open, key: place.open }, source);
  }

  const open = trying(async (item, source) => {
    const { preview } = await import("../previews/preview.js");
    if (signal.aborted) return;
    preview(item, {
      source,
      onshow: ({ id }) => { place.open = id; keepAddress(place); },
      onclose: () => { place.open = null; if (!signal.aborted) keepAddress(place); },
      context: { place, again: () => source.refresh() },
    });
  });

  const search = searchField(place.q, debounced((q) => signal.aborted || change({ q, sort: null }), 250));
  const head = h("div", { class: "files-head" }, h("div", { class: "naming" }, way, title), search);
  const tools = h("div", { class: "tools" }, adding(place, () => change(), area, signal), viewSwitch(place, (view) => change({ view })));
  addEventListener("keydown", (event) => shortcuts(event, search), { signal });
  show(AbortSignal.any([leaving.signal, signal]));
  showUsage(signal);
  const section = h("section", { class: "page files" }, head, h("div", { class: "below" }, tools, bar), area);
  section.dataset.title = place.folder ? nameOf(place.folder) : "Files";
  return section;
}
