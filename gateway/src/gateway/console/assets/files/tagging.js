/** Tags, of one file or of several at once. */
import { api } from "../api.js";
import { asked } from "../asking.js";
import { field } from "../forms.js";
import { tell } from "../toasts.js";

export async function tag(items, { again }) {
  const shared = items[0].tags.filter((one) => items.every((item) => item.tags.includes(one)));
  // Here a comma ends a tag; those that other programs gave and that have one in them stay as they are.
  const shown = shared.filter((one) => !one.includes(","));
  const hint = `With commas between them.${items.length > 1 ? " What only some of the files have stays as it is." : ""}${shown.length < shared.length ? " So do those with a comma in them." : ""}`;
  const input = field("Tags", { name: "tags", value: shown.join(", "), autofocus: true, autocomplete: "off", maxlength: 2000 }, hint);
  const done = await asked(items.length === 1 ? `Tags of “${items[0].filename}”` : "Tags of the files", input, async ({ tags: text }) => {
    const wanted = [...new Set(text.split(",").map((one) => one.trim()).filter(Boolean))];
    for (const item of items) {
      const own = item.tags.filter((one) => !shown.includes(one));
      item.tags = (await api.patch(`files/${item.id}`, { tags: [...new Set([...own, ...wanted])] })).tags;
    }
  });
  if (!done) return;
  tell("The tags are saved");
  await again();
}
