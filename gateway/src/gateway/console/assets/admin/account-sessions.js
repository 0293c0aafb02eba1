/** Where somebody is signed in, for administrators. */
import { api } from "../api.js";
import { sessionColumns } from "../account/session-list.js";
import { ask } from "../dialogs.js";
import { h } from "../dom.js";
import { list, reloaded } from "../lists.js";
import { tell, trying } from "../toasts.js";

export function accountSessions(path, signal) {
  const listed = list(`${path}/sessions`, {
    caption: "Sessions of the account", columns: sessionColumns(), empty: "It is signed in nowhere.", noun: "session", signal,
  });
  const end = trying(async () => {
    const text = "Every device is signed out within seconds, and can sign in again.";
    if (!(await ask("End all its sessions?", text, { yes: "End them", danger: true }))) return;
    await api.delete(`${path}/sessions`);
    tell("The account is signed out everywhere");
    await reloaded(listed);
  });
  return h("section", { class: "panel" },
    h("div", { class: "heading" }, h("h2", {}, "Sessions"), h("button", { type: "button", class: "danger", onclick: end }, "End all")), listed);
}
