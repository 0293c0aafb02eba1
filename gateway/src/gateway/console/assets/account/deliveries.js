/** What was sent to a webhook, or is to be. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { moment, plural } from "../format.js";
import { list, reloaded, time } from "../lists.js";
import { tell, trying } from "../toasts.js";

const STATES = { pending: "chip still", delivered: "chip", failed: "chip alarm" };

export function deliveries(path, signal) {
  const again = (one) => trying(async () => {
    await api.post(`${path}/deliveries/${one.id}/redeliver`);
    tell("It is sent again");
    await reloaded(listed);
  });
  const listed = list(`${path}/deliveries`, {
    caption: "What was sent", noun: "delivery", nouns: "deliveries", empty: "Nothing was sent yet.", signal,
    columns: [
      ["Event", (one) => [h("strong", {}, one.event_type), h("small", {}, h("code", {}, one.message_id))]],
      ["State", (one) => h("span", { class: STATES[one.state] ?? "chip still" }, one.state)],
      ["Attempts", attempts],
      ["Made", (one) => time(one.created_at, moment)],
      ["Next", (one) => time(one.next_attempt_at, moment)],
      ["", (one) => h("button", { type: "button", "aria-label": `Send again: ${one.event_type}`, onclick: again(one) }, "Send again")],
    ],
  });
  return listed;
}

function attempts({ attempts: made, reason }) {
  const last = made.at(-1);
  if (!last) return "none yet";
  const outcome = [last.status && `status ${last.status}`, last.error, `${last.duration_ms} ms`].filter(Boolean).join(", ");
  return [plural(made.length, "attempt"), h("small", {}, `The last one: ${outcome}`), reason ? h("small", {}, reason) : null];
}
