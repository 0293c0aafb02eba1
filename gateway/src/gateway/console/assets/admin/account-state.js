/** Whether an account may sign in, and whether its address is proved. */
import { h } from "../dom.js";

export function state({ disabled_at: disabled, email_verified: verified }) {
  if (disabled) return h("span", { class: "chip alarm" }, "disabled");
  return h("span", { class: verified ? "chip" : "chip still" }, verified ? "confirmed" : "not confirmed");
}
