/** What is known about a file, and its versions. */
import { api, items as all } from "../api.js";
import { ask, open } from "../dialogs.js";
import { fill, h } from "../dom.js";
import { moment, plural, size } from "../format.js";
import { icon } from "../icons.js";
import { time } from "../lists.js";
import { failed, tell, trying } from "../toasts.js";
import { downloadFile } from "./downloading.js";
import { folderOf } from "./place.js";

export async function details(item, { again }) {
  const file = await api.get(`files/${item.id}`);
  const list = h("div", { class: "versions", "aria-busy": "true" });
  const dialog = open(file.filename, [facts(file), h("h3", {}, "Versions"), list], { kind: "details" });
  await showVersions(file, list, async () => { dialog.close(); await again(); }).catch(failed);
}

function facts(file) {
  const rows = [
    ["Folder", folderOf(file.path) || "Files"], ["Size", `${size(file.size)} (${plural(file.size, "byte")})`], ["Kind", file.content_type],
    ["Added", time(file.created_at, moment)], ["Changed", time(file.updated_at, moment)], ["Version", file.version],
    ["Tags", file.tags.length ? file.tags.join(", ") : null], ["SHA-256", h("code", {}, file.sha256)],
    ...Object.entries(file.metadata).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
    ...file.derived.map(({ name, state, detail }) => [`Read as ${name}`, detail ?? { waiting: "being read", done: "yes" }[state] ?? state]),
  ];
  return h("dl", { class: "facts" }, rows.filter(([, value]) => value !== null).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

async function showVersions(file, list, onrestored) {
  const rows = [];
  for await (const version of all(`files/${file.id}/versions`)) {
    rows.push(row(file, version, onrestored));
    if (rows.length === 200) break;
  }
  fill(list, h("ul", {}, rows));
  list.removeAttribute("aria-busy");
}

function row(file, version, onrestored) {
  const number = version.version;
  const isNow = number === file.version;
  const button = (label, name, run) =>
    h("button", { class: "quiet icon-only", type: "button", title: label, "aria-label": `${label} version ${number}`, onclick: trying(run) }, icon(name));
  const goBack = async () => {
    if (!(await ask(`Back to version ${number}?`, "It becomes the newest version. The ones between are kept.", { yes: "Go back" }))) return;
    await api.post(`files/${file.id}/restore`, { version: number });
    tell(`Version ${number} is the newest one again`);
    await onrestored();
  };
  return h("li", {}, h("span", { class: "about" }, h("strong", {}, `Version ${number}`), isNow ? h("span", { class: "chip" }, "now") : null,
    h("small", {}, moment(version.created_at), " · ", size(version.size))),
  button("Download", "download", () => downloadFile(file, number)), isNow ? null : button("Go back to", "restore", goBack));
}
