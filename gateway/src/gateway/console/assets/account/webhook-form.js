/** What a webhook is: where it posts, and what it is told. */
import { asked } from "../asking.js";
import { field } from "../forms.js";

const TYPED = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };

/** Settled with what `submit(wanted)` answered, or null. */
export function webhookForm(title, now, submit) {
  const fields = [
    field("Address", { name: "url", type: "url", required: true, value: now.url ?? "", autocomplete: "off", autofocus: true },
      "That of your program; public, and https where it can be."),
    field("Events", { name: "types", value: (now.types ?? []).join(" "), ...TYPED },
      "Like file.created, or file.* for all of a kind, with spaces between them. None are all."),
    field("Only below", { name: "prefix", value: now.prefix ?? "", ...TYPED }, "How the path begins, like reports/"),
    field("Description", { name: "description", value: now.description ?? "", maxlength: 200, autocomplete: "off" }),
  ];
  return asked(title, fields, ({ types, ...values }) => submit({ ...values, types: types.split(/\s+/).filter(Boolean) }));
}
