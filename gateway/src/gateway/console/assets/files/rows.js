/** How an item looks: as a row of the list, or as a tile of the grid. */
import { h, marked } from "../dom.js";
import { moment, size, when } from "../format.js";
import { icon, iconOf } from "../icons.js";
import { picture } from "../previews/pictures.js";
import { addressOf, folderOf, isSpread } from "./place.js";

const HEIGHTS = { list: 48, spread: 62, found: 84, grid: 212 };
export const NARROWEST_TILE = 150;

export const heightIn = (place) => HEIGHTS[place.view === "grid" ? "grid" : place.q ? "found" : isSpread(place) ? "spread" : "list"];

/** `place` is what is shown, `selection` what is selected; `onmenu(item, index, button)` opens the menu of an item. */
export function drawn({ place, selection, onmenu }) {
  const draw = place.view === "grid" ? tile : row;
  return (item, index) => {
    const isSelected = item ? selection.has(item.key) : false;
    const attributes = { "aria-rowindex": index + 2, "data-index": index, role: "row", class: place.view === "grid" ? "tile" : "item" };
    if (!item) return h("div", { ...attributes, class: `${attributes.class} absent` }, h("span", { role: "gridcell" }, h("span", { class: "spoken" }, "Loading")));
    const element = h("div", { ...attributes, "data-key": item.key, "aria-selected": String(isSelected) });
    element.append(...draw(item, { place, isSelected, onmenu: (button) => onmenu(item, index, button) }));
    return element;
  };
}

function row(item, { place, isSelected, onmenu }) {
  const isFile = item.kind === "file";
  return [
    cell("check", checkbox(item, isSelected)),
    cell("name", icon(iconFor(item)), h("div", { class: "naming" }, link(item, place), isSpread(place) ? found(item) : null), tags(item)),
    cell("size", isFile ? size(item.size) : ""),
    cell("changed", isFile ? h("time", { datetime: item.updated_at, title: moment(item.updated_at) }, when(item.updated_at)) : ""),
    cell("more", more(item, onmenu)),
  ];
}

function tile(item, { place, isSelected, onmenu }) {
  const isFile = item.kind === "file";
  const shown = isFile ? picture(item, 256) : null;
  return [
    h("span", { role: "gridcell", class: "tile-inside" },
      h("span", { class: "face" }, shown ?? icon(iconFor(item))), checkbox(item, isSelected), link(item, place),
      h("small", {}, isFile ? `${size(item.size)} · ${when(item.updated_at)}` : "Folder"), more(item, onmenu)),
  ];
}

const cell = (kind, ...content) => h("span", { role: "gridcell", class: `cell ${kind}` }, content);

const iconFor = (item) => (item.kind === "folder" ? "folder" : iconOf(item.content_type));

const checkbox = (item, checked) =>
  h("input", { type: "checkbox", tabindex: -1, checked, "aria-label": `Select ${item.filename}` });

function link(item, place) {
  const to = item.kind === "folder" ? { folder: item.path } : { ...place, open: item.id };
  return h("a", { class: "title", href: `#/${addressOf(to)}`, tabindex: -1, title: item.filename, draggable: "false" }, item.filename);
}

const more = (item, onmenu) =>
  h("button", { class: "quiet icon-only", type: "button", tabindex: -1, "aria-label": `What to do with ${item.filename}`, "aria-haspopup": "menu",
    onclick: (event) => { event.stopPropagation(); onmenu(event.currentTarget); } }, icon("more"));

/** Where a search found it, and the words around. */
function found(item) {
  return [
    h("small", { class: "where" }, folderOf(item.path) || "Top"),
    item.snippet ? h("small", { class: "snippet" }, item.page > 1 ? `Page ${item.page}: ` : "", marked(item.snippet)) : null,
  ];
}

function tags(item) {
  if (!item.tags?.length) return item.isNew ? h("span", { class: "chip still" }, "empty") : null;
  const [first, second, ...rest] = item.tags;
  return h("span", { class: "tags" }, [first, second].filter(Boolean).map((tag) =>
    h("a", { class: "chip", href: `#/${addressOf({ tag })}`, tabindex: -1, title: `Files tagged ${tag}` }, tag)), rest.length ? h("span", { class: "chip" }, `+${rest.length}`) : null);
}
