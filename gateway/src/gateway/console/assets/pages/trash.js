/** What is in the trash: back again, or for good. */
import { api } from "../api.js";
import { ask, menu } from "../dialogs.js";
import { fill, h } from "../dom.js";
import { browser } from "../files/browser.js";
import { emptiness } from "../files/empty.js";
import { trashed } from "../files/listing.js";
import { followLive } from "../files/live-changes.js";
import { recover, remove } from "../files/recovering.js";
import { selectionBar } from "../files/selection-bar.js";
import { showUsage } from "../files/usage-meter.js";
import { plural } from "../format.js";
import { icon } from "../icons.js";
import { tell, trying } from "../toasts.js";

const COLUMNS = [{ name: "name", title: "Name" }, { name: "size", title: "Size" }, { name: "changed", title: "Changed" }];
const NOTHING = { icon: "trash", title: "The trash is empty", text: "What is deleted comes here first, and counts towards the quota until it is removed for good." };

export default function page({ signal }) {
  const source = trashed(signal);
  const again = async () => {
    await source.refresh();
    shown.selection.clear();
    if (document.activeElement === document.body) shown.focus();
  };
  const deeds = (items) => [
    { label: "Restore", icon: "restore", isOften: true, run: trying(() => recover(items, again)) },
    { label: "Delete for good", icon: "trash", danger: true, isOften: true, run: trying(() => remove(items, again)) },
  ];
  const place = { view: "list", q: "", tag: "", sort: null, isTrash: true };
  const shown = browser({
    place, source, label: "Trash", columns: COLUMNS, signal,
    onopen: (item, index) => menu(shown.list.elementAt(index), deeds([item])),
    onmenu: (item, anchor, point) => menu(anchor, deeds(shown.selection.has(item.key) ? shown.selection.items : [item]), point),
    onkey: (event, items) => event.key === "Delete" && (trying(remove)(items, again), true),
  });
  const area = h("div", { class: "area" });
  fill(area, shown.element, emptiness(source, NOTHING, signal));
  followLive({ source, selection: shown.selection, place, isTrash: true, signal });
  showUsage(signal);

  const empty = h("button", { type: "button", class: "danger", onclick: trying(async () => {
    if (!(await ask("Empty the trash?", "All that is in it is removed for good. That cannot be undone.", { yes: "Empty it", danger: true }))) return;
    const { file_count: count } = await api.delete("files/trash");
    tell(`${plural(count, "file")} removed for good`);
    await again();
  }) }, icon("trash"), "Empty the trash");
  source.addEventListener("change", () => { empty.hidden = source.isWhole && !source.known; }, { signal });
  return h("section", { class: "page files" },
    h("div", { class: "files-head" }, h("h1", {}, "Trash")),
    h("div", { class: "below" }, h("div", { class: "tools" }, h("span", { class: "hint" }, "What went there last is first."), empty), selectionBar(shown.selection, {}, deeds)), area);
}
