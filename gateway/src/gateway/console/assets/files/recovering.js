/** Out of the trash: back to where it was, or gone for good. */
import { api } from "../api.js";
import { asked } from "../asking.js";
import { ask } from "../dialogs.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { plural } from "../format.js";
import { tell } from "../toasts.js";

const named = (items) => (items.length === 1 ? `“${items[0].filename}”` : plural(items.length, "file"));

export async function recover(items, again) {
  let count = 0;
  try {
    for (const item of items) if (await recoverOne(item)) count += 1;
  } finally {
    if (count) tell(count === items.length ? `${named(items)} restored` : `${plural(count, "file")} restored`);
    await again();
  }
}

/** Where its place is taken by now, another one is asked for. */
async function recoverOne(item) {
  try {
    return await api.post(`files/${item.id}/restore`);
  } catch (problem) {
    if (problem.status !== 409) throw problem;
  }
  const path = field("Where to", { name: "path", value: item.path, required: true, autofocus: true, maxlength: 1024, autocomplete: "off", spellcheck: "false" });
  return asked(`Restore “${item.filename}”`, [h("p", {}, "There is another file in its place by now."), path],
    (values) => api.post(`files/${item.id}/restore`, { path: values.path.trim() }), { yes: "Restore" });
}

export async function remove(items, again) {
  if (!(await ask(`Delete ${named(items)} for good?`, "With all versions. That cannot be undone.", { yes: "Delete", danger: true }))) return;
  try {
    for (const item of items) await api.delete(`files/${item.id}`, { query: { permanent: true } });
    tell(`${named(items)} deleted`);
  } finally {
    await again();
  }
}
