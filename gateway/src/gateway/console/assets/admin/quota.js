/** What an account keeps, and how much it may. */
import { api } from "../api.js";
import { meter } from "../account/usage.js";
import { fill, h } from "../dom.js";
import { field, form, submitButton } from "../forms.js";
import { failed, tell, trying } from "../toasts.js";

const UNITS = [["MiB", 2 ** 20], ["GiB", 2 ** 30], ["TiB", 2 ** 40]];

export function quota(id, signal) {
  const path = `files/usage/${encodeURIComponent(id)}`;
  const shown = h("div");
  const panel = h("section", { class: "panel" }, h("h2", {}, "Quota"), shown);
  api.get(path, { signal }).then((usage) => { fill(shown, meter(usage)); panel.append(change(usage, path, shown)); }, failed);
  return panel;
}

function change({ quota: now }, path, shown) {
  const [unit, bytes] = UNITS.findLast(([, one]) => now >= one && Number.isInteger((now / one) * 100)) ?? UNITS[1];
  const amount = field("New quota", { name: "amount", type: "number", min: 0, step: "any", required: true, value: now / bytes });
  const units = field("Unit", { name: "unit", value: unit, options: UNITS.map(([name]) => [name, name]) });
  const set = async (quota) => {
    fill(shown, meter(await api.put(path, { quota })));
    tell("The quota is set");
  };
  const standard = h("button", { type: "button", onclick: trying(() => set(null)) }, "As for everybody");
  return form([h("div", { class: "side-by-side" }, amount, units), h("div", { class: "deed-row" }, submitButton("Set quota"), standard)],
    (values) => set(Math.round(Number(values.amount) * Object.fromEntries(UNITS)[values.unit])));
}
