/** The way from the top to a folder; in place of it, the way back from a search. */
import { h } from "../dom.js";
import { addressOf } from "./place.js";

export function breadcrumbs({ folder, q, tag }) {
  const names = folder ? folder.split("/") : [];
  const ancestors = names.map((name, index) => [names.slice(0, index + 1).join("/"), name]);
  const shown = q || tag ? ancestors : ancestors.slice(0, -1);
  const isTop = !folder && !q && !tag;
  return h("nav", { class: "crumbs", "aria-label": "Folders above" }, isTop ? null : h("ol", {},
    [["", "Files"], ...shown].map(([path, name]) => h("li", {}, h("a", { href: `#/${addressOf({ folder: path })}` }, name)))));
}
