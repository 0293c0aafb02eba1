/** Tags, of one file or of several at once. */
import { api } from "../api.js";
import { asked } from "../asking.js";
import { field } from "../forms.js";
import { tell } from "../toasts.js";

export async function tag(items, { again }) {
  const shared = items[0].tags.filter((one) => items.every((item) => item.tags.includes(one)));
  const hint = items.length === 1 ? "With commas between them." : "With commas between them. What only some of the files have stays as it is.";
  const input = field("Tags", { name: "tags", value: shared.join(", "), autofocus: true, autocomplete: "off", maxlength: 2000 }, hint);
  const done = await asked(items.length === 1 ? `Tags of “${items[0].filename}”` : "Tags of the files", input, async ({ tags: text }) => {
    const wanted = [...new Set(text.split(",").map((one) => one.trim()).filter(Boolean))];
    for (const item of items) {
      const own = item.tags.filter((one) => !shared.includes(one));
      item.tags = (await api.patch(`files/${item.id}`, { tags: [...new Set([...own, ...wanted])] })).tags;
    }
  });
  if (!done) return;
  tell("The tags are saved");
  await again();
}
