/** Apps that people sign in to, and service accounts: programs that act for themselves. */
import { api } from "../api.js";
import { askedTyped } from "../asking.js";
import { ask } from "../dialogs.js";
import { h } from "../dom.js";
import { moment } from "../format.js";
import { icon } from "../icons.js";
import { chips, list, reloaded, time } from "../lists.js";
import { shownOnce } from "../shown-once.js";
import { tell, trying } from "../toasts.js";
import { registration } from "./registration.js";

export default function apps({ signal }) {
  const listed = list("auth/clients", {
    caption: "Apps and service accounts", noun: "app", empty: "None are registered.", signal,
    columns: [
      ["Name", (one) => [h("strong", {}, one.name), h("small", {}, kind(one))]],
      ["Client id", (one) => h("code", {}, one.client_id)],
      ["Scopes", (one) => chips(one.scopes)],
      ["Sent back to", (one) => (one.redirect_uris.length ? one.redirect_uris.map((uri) => h("div", {}, h("code", {}, uri))) : "–")],
      ["Since", (one) => time(one.created_at, moment)],
      ["", (one) => [
        one.public ? null : h("button", { type: "button", "aria-label": `New secret for ${one.name}`, onclick: trying(() => renew(one)) }, "New secret"),
        h("button", { type: "button", class: "danger", "aria-label": `Delete ${one.name}`, onclick: () => remove(one) }, "Delete"),
      ]],
    ],
  });

  async function register() {
    const made = await registration();
    if (!made) return;
    tell(`${made.name} is registered`);
    await showSecret(made, `The credentials of ${made.name}`);
    await reloaded(listed);
  }

  async function renew(one) {
    const text = "The old one is void at once, with the tokens that were given for it.";
    if (!(await ask(`A new secret for ${one.name}?`, text, { yes: "Make one", danger: true }))) return;
    await showSecret(await api.post(`auth/clients/${one.client_id}/secret`), `The new secret of ${one.name}`);
  }

  async function remove(one) {
    const text = "Its tokens and sessions end at once, and people can no longer sign in to it.";
    const done = await askedTyped(`Delete ${one.name}?`, text, one.name.trim(), () => api.delete(`auth/clients/${one.client_id}`));
    if (!done) return;
    tell(`${one.name} is deleted`);
    await reloaded(listed);
  }

  return [
    h("div", { class: "heading" }, h("h1", {}, "Apps and service accounts"),
      h("button", { type: "button", class: "primary", onclick: register }, icon("plus"), "Register")),
    h("p", { class: "hint" }, "The web console and the command line are built in and need no registration."), listed,
  ];
}

function kind({ public: isPublic, redirect_uris: uris }) {
  if (isPublic) return "App that keeps no secret";
  return uris.length ? "App with a server" : "Service account";
}

function showSecret({ client_id: id, client_secret: secret }, title) {
  const lines = [`client_id: ${id}`, ...(secret ? [`client_secret: ${secret}`] : [])];
  const text = secret ? "The secret is not shown again. Keep it where only the program can read it." : "This app keeps no secret: it proves itself by PKCE.";
  return shownOnce(title, text, lines, `strongroom-client-${id}.txt`);
}
