/** Whether what is sent to a webhook arrives, and the secret that it is signed with. */
import { h } from "../dom.js";
import { shownOnce } from "../shown-once.js";

export function state({ enabled, failing_since: failing }) {
  if (!enabled) return h("span", { class: "chip alarm" }, "disabled");
  return h("span", { class: failing ? "chip alarm" : "chip" }, failing ? "nothing arrives" : "on");
}

export const showSecret = ({ id, secret }) => shownOnce("The secret of this webhook",
  "The receiver checks signatures with it (Standard Webhooks). It is not shown again.", [secret], `strongroom-webhook-${id}.txt`);
