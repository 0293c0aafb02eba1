/** One account, as administrators see it. */
import { api } from "../api.js";
import { askedTyped } from "../asking.js";
import { ask } from "../dialogs.js";
import { fill, h } from "../dom.js";
import { checkbox, form, submitButton } from "../forms.js";
import { moment } from "../format.js";
import { go } from "../router.js";
import { session } from "../session.js";
import { tell, trying } from "../toasts.js";
import { accountSessions } from "./account-sessions.js";
import { state } from "./account-state.js";
import { quota } from "./quota.js";

export default async function account({ id, signal }) {
  const path = `auth/users/${encodeURIComponent(id)}`;
  const [person, roles] = await Promise.all([api.get(path, { signal }), api.get("auth/roles", { signal })]);
  const head = h("div");
  const draw = (now) => fill(head, facts(now), access(now, path, draw));
  draw(person);
  return [
    h("p", {}, h("a", { href: "#/admin/accounts" }, "All accounts")),
    h("h1", {}, person.email), head, roleForm(person, roles, path, draw), quota(id, signal),
    accountSessions(path, signal), deletion(person, path),
  ];
}

function facts(person) {
  const rows = [
    ["Name", person.name || "–"], ["State", state(person)], ["Roles", person.roles.join(", ") || "–"], ["Since", moment(person.created_at)],
    ["Disabled", person.disabled_at && moment(person.disabled_at)], ["Id", h("code", {}, person.id)],
    ["History", h("a", { href: `#/admin/audit?account=${person.id}` }, "What happened to it")],
  ];
  const isOwn = person.id === session.me.id;
  return h("section", { class: "panel", "aria-label": "About the account" }, isOwn ? h("p", { class: "notice" }, "This is your own account.") : null,
    h("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

function access(person, path, draw) {
  const change = (disabled) => trying(async () => {
    const text = "It is signed out everywhere, and let in nowhere, until it is enabled again.";
    if (disabled && !(await ask(`Disable ${person.email}?`, text, { yes: "Disable", danger: true }))) return;
    draw(await api.patch(path, { disabled }));
    tell(disabled ? "The account is disabled" : "The account is enabled");
    document.getElementById("switch").focus();
  });
  const reset = trying(async () => {
    const text = `Then the password of ${person.email} alone is enough to sign in. Be sure that it is they who ask.`;
    if (!(await ask("Reset the second factors?", text, { yes: "Reset", danger: true }))) return;
    await api.delete(`${path}/mfa`);
    tell("A password is enough again");
  });
  return h("section", { class: "panel" }, h("h2", {}, "Signing in"), h("div", { class: "deed-row" },
    person.disabled_at
      ? h("button", { type: "button", id: "switch", onclick: change(false) }, "Enable")
      : h("button", { type: "button", id: "switch", class: "danger", onclick: change(true) }, "Disable"),
    h("button", { type: "button", class: "danger", onclick: reset }, "Reset second factors")));
}

function roleForm(person, roles, path, draw) {
  const boxes = roles.map(({ name, scopes }) =>
    checkbox([name, " ", h("small", {}, scopes.join(" ") || "no scopes")], { name: "role", value: name, checked: person.roles.includes(name) }));
  const choice = h("fieldset", {}, h("legend", {}, "What the account may do, from its next token on"), boxes);
  const element = form([choice, submitButton("Save roles")], async (_, sent) => {
    draw(await api.put(`${path}/roles`, { roles: new FormData(sent).getAll("role") }));
    tell("The roles are saved");
  });
  return h("section", { class: "panel" }, h("h2", {}, "Roles"), element);
}

function deletion(person, path) {
  const remove = async () => {
    const done = await askedTyped(`Delete ${person.email}?`, "Its files, links and webhooks go with it, for good.", person.email, () => api.delete(path));
    if (!done) return;
    tell(`${person.email} is deleted`);
    go("admin/accounts");
  };
  return h("section", { class: "panel grave" }, h("h2", {}, "Delete account"), h("p", {}, "With everything that it has here."),
    h("button", { type: "button", class: "danger", onclick: remove }, "Delete this account …"));
}
