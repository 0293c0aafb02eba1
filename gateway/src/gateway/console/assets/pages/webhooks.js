/** Programs that are told what happens to the person's files. */
import { api } from "../api.js";
import { webhookForm } from "../account/webhook-form.js";
import { showSecret, state } from "../account/webhook-state.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { chips, list, reloaded } from "../lists.js";
import { accountPage } from "../sections.js";

export default async function webhooks({ rest: [id], signal }) {
  if (id) return (await import("../account/webhook.js")).default({ id, signal });
  const listed = list("files/webhooks", {
    caption: "Webhooks", noun: "webhook", empty: "No program is told anything.", signal,
    columns: [
      ["Sent to", (one) => [h("a", { href: `#/webhooks/${one.id}` }, one.url), one.description ? h("small", {}, one.description) : null]],
      ["Events", (one) => chips(one.types.length ? one.types : ["all"])],
      ["Below", (one) => (one.prefix ? h("code", {}, one.prefix) : "everywhere")],
      ["State", state],
    ],
  });
  async function add() {
    const made = await webhookForm("New webhook", {}, (wanted) => api.post("files/webhooks", wanted));
    if (!made) return;
    await showSecret(made);
    await reloaded(listed);
  }
  return accountPage("webhooks", "Webhooks",
    h("div", { class: "heading" }, h("p", { class: "hint" }, "What happens to your files is posted there, signed, until it has arrived."),
      h("button", { type: "button", class: "primary", onclick: add }, icon("plus"), "New webhook")),
    listed);
}
