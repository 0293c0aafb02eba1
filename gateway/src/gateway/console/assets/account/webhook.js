/** One webhook: how it is set, and what was sent. */
import { api } from "../api.js";
import { ask } from "../dialogs.js";
import { fill, h } from "../dom.js";
import { moment } from "../format.js";
import { chips, reloaded } from "../lists.js";
import { go } from "../router.js";
import { accountPage } from "../sections.js";
import { tell, trying } from "../toasts.js";
import { deliveries } from "./deliveries.js";
import { webhookForm } from "./webhook-form.js";
import { showSecret, state } from "./webhook-state.js";

const REASONS = { "by-owner": "by you", gone: "because the receiver said that it is gone", failing: "because nothing arrived for days" };

export default async function webhook({ id, signal }) {
  const path = `files/webhooks/${encodeURIComponent(id)}`;
  const panel = h("section", { class: "panel", "aria-label": "How it is set" });
  const listed = deliveries(path, signal);
  const draw = (now) => fill(panel, facts(now), deeds(now, path, draw, listed));
  const first = await api.get(path, { signal });
  draw(first);
  return accountPage("webhooks", first.url, h("p", {}, h("a", { href: "#/webhooks" }, "All webhooks")), panel,
    h("div", { class: "heading" }, h("h2", {}, "What was sent"), h("button", { type: "button", onclick: () => listed.reload() }, "Look again")), listed);
}

function facts(now) {
  const rows = [
    ["State", [state(now), now.enabled ? null : ` ${REASONS[now.disabled_reason] ?? ""}`]], ["Sent to", now.url],
    ["Events", chips(now.types.length ? now.types : ["all"])], ["Below", now.prefix || "everywhere"],
    ["Description", now.description], ["Since", moment(now.created_at)], ["Nothing arrives since", now.failing_since && moment(now.failing_since)],
  ];
  return h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function deeds(now, path, draw, listed) {
  const button = (text, run, kind = "") => h("button", { type: "button", class: kind, onclick: trying(run) }, text);
  return h("div", { class: "deed-row" },
    button("Send a test", async () => {
      await api.post(`${path}/test`);
      tell("A test is on its way");
      await reloaded(listed);
    }),
    button("Change", async () => {
      const changed = await webhookForm("Change the webhook", now, (wanted) => api.patch(path, wanted));
      if (changed) draw(changed);
    }),
    button("New secret", async () => {
      if (!(await ask("A new secret?", "For a day, what is sent is signed with both.", { yes: "Make one" }))) return;
      await showSecret(await api.post(`${path}/secret`));
    }),
    button(now.enabled ? "Disable" : "Enable", async () => draw(await api.patch(path, { enabled: !now.enabled }))),
    button("Delete", async () => {
      if (!(await ask("Delete this webhook?", "With the log of what was sent. What is not sent yet, is not.", { yes: "Delete", danger: true }))) return;
      await api.delete(path);
      tell("The webhook is deleted");
      go("webhooks");
    }, "danger"));
}
