/** The links that one has given away. */
import { api } from "../api.js";
import { ask } from "../dialogs.js";
import { h } from "../dom.js";
import { addressOf } from "../files/place.js";
import { moment } from "../format.js";
import { chips, list, reloaded, time } from "../lists.js";
import { tell, trying } from "../toasts.js";

export default function page({ signal }) {
  const files = new Map();
  const listed = list("files/links", {
    caption: "Shared links", noun: "link", signal, empty: "Nothing is shared. Share … makes a link to a file or a folder.",
    columns: columns(files, remove), onload: ({ items }, aborting) => named(items, files, aborting),
  });

  async function remove(link) {
    if (!(await ask("Delete this link?", "It works no more from then on, wherever it was sent.", { yes: "Delete", danger: true }))) return;
    await api.delete(`files/links/${link.id}`);
    tell("The link is deleted");
    await reloaded(listed);
  }

  return h("section", { class: "page people" }, h("h1", {}, "Shared links"),
    h("p", { class: "hint" }, "Whoever has one of these links can download what it leads to. The links themselves are shown only when they are made."), listed);
}

/** Names for the ids of a page, as far as the files are still there. */
async function named(items, files, signal) {
  const unknown = new Set(items.map((one) => one.file_id).filter((id) => id && !files.has(id)));
  await Promise.all([...unknown].map(async (id) => {
    files.set(id, await api.get(`files/${id}`, { signal }).catch((problem) => { if (problem.status !== 404) throw problem; return null; }));
  }));
}

function columns(files, remove) {
  return [
    ["To", (link) => target(link, files)],
    ["Until", (link) => [time(link.expires_at, moment), isOver(link) ? h("small", {}, "works no more") : null]],
    ["Limits", (link) => chips([link.has_password ? "password" : null, link.max_downloads ? `${link.downloads} of ${link.max_downloads} downloads` : null].filter(Boolean))],
    ["Since", (link) => time(link.created_at, moment)],
    ["", (link) => h("button", { type: "button", class: "danger", "aria-label": `Delete the link to ${nameOf(link, files)}`, onclick: trying(() => remove(link)) }, "Delete")],
  ];
}

function target(link, files) {
  if (link.folder !== null) return h("a", { href: `#/${addressOf({ folder: link.folder })}` }, link.folder);
  const file = files.get(link.file_id);
  if (!file) return "a file that is in the trash";
  const folder = file.path.split("/").slice(0, -1).join("/");
  return [h("a", { href: `#/${addressOf({ folder, open: file.id })}` }, file.filename), folder ? h("small", {}, folder) : null];
}

const nameOf = (link, files) => link.folder ?? files.get(link.file_id)?.filename ?? "a file";

const isOver = (link) => (link.expires_at && new Date(link.expires_at) < new Date()) || (link.max_downloads && link.downloads >= link.max_downloads);
