/** What the page of files shows, as its address says it: `#/files/a/b?view=grid&sort=-size&q=…&tag=…&open=ID`. */
import { encoded } from "../api.js";
import { remembered } from "../remembered.js";

export const SORTS = { name: "Name", size: "Size", updated_at: "Changed" };
const VIEW = "strongroom-view";
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `folder` is "" for the top; `sort` is null for the order that fits. */
export function placeOf({ rest, query }) {
  const sort = query.get("sort");
  const open = query.get("open") ?? "";
  return {
    folder: rest.join("/"),
    q: query.get("q") ?? "",
    tag: query.get("tag") ?? "",
    sort: sort && Object.hasOwn(SORTS, sort.replace(/^-/, "")) ? sort : null,
    view: query.get("view") ?? remembered.get(VIEW) ?? "list",
    open: ID.test(open) ? open : null, // anybody can make a link, and it becomes a part of addresses that are posted to
  };
}

export function addressOf({ folder = "", q = "", tag = "", sort = null, view = null, open = null } = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ q, tag, sort, view, open })) if (value) query.set(name, value);
  return `files${folder ? `/${encoded(folder)}` : ""}${query.size ? `?${query}` : ""}`;
}

/** The address follows what is shown; going back leads to where one came from, not through every letter of a search. */
export function keepAddress(place) {
  remembered.set(VIEW, place.view);
  history.replaceState(null, "", `#/${addressOf({ ...place, view: place.view === "grid" ? "grid" : null })}`);
}

/** Whether what is shown comes from many folders, so that each has its place told. */
export const isSpread = ({ q, tag, isTrash }) => Boolean(q || tag || isTrash);

export const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);
export const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const inside = (folder, name) => (folder ? `${folder}/${name}` : name);

/** Throws where no file or folder can be called so. */
export function named(text) {
  const name = text.trim();
  if (!name || name === "." || name === ".." || /[/\\]/.test(name)) throw new Error("A name has no slashes, and is neither empty nor dots alone");
  return name;
}
