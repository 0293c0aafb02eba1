/** Makes a share link, and shows it this once. */
import { api } from "../api.js";
import { asked } from "../asking.js";
import { open } from "../dialogs.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { copyButton } from "../shown-once.js";

export async function share(item) {
  const soonest = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  const fields = [
    h("p", {}, item.kind === "file" ? "Whoever has the link downloads the file, as it is at that moment." : "Whoever has the link downloads the folder as a zip, as it is at that moment."),
    field("Until", { name: "expires", type: "datetime-local", min: soonest }, "If left out, the link works until it is deleted."),
    field("Password", { name: "password", autocomplete: "off", spellcheck: "false", maxlength: 200 }, "If wanted: to tell by another way than the link."),
    field("Downloads at most", { name: "most", type: "number", min: 1, step: 1, max: 1_000_000 }),
  ];
  const made = await asked(`Share “${item.filename}”`, fields, (values) => {
    const terms = {
      expires_at: values.expires ? new Date(values.expires).toISOString() : null,
      password: values.password || null,
      max_downloads: values.most ? Number(values.most) : null,
    };
    return item.kind === "file" ? api.post(`files/${item.id}/links`, terms) : api.post("files/links", { folder: item.path, ...terms });
  }, { yes: "Make a link" });
  if (made) show(item, made.url);
}

function show(item, url) {
  const input = h("input", { type: "text", readonly: true, value: url, "aria-label": "Link", autofocus: true, onfocus: (event) => event.target.select() });
  open(`Link to “${item.filename}”`, [
    h("p", {}, "It is shown this once: only a hash of it is kept. ", h("a", { href: "#/links" }, "All links"), " can be deleted at any time."),
    h("div", { class: "field" }, input), h("div", { class: "buttons" }, copyButton(url, "Copy the link")),
  ]);
}

