/** Roles: names for sets of scopes. */
import { api } from "../api.js";
import { asked } from "../asking.js";
import { ask } from "../dialogs.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { icon } from "../icons.js";
import { chips, list, reloaded } from "../lists.js";
import { tell, trying } from "../toasts.js";
import { chosenScopes, scopeFields } from "./scopes.js";

const BUILT_IN = ["admin", "user"];

export default function roles({ signal }) {
  const listed = list("auth/roles", {
    caption: "Roles", noun: "role", signal,
    columns: [
      ["Role", ({ name }) => [h("strong", {}, name), BUILT_IN.includes(name) ? [" ", h("span", { class: "chip still" }, "built in")] : null]],
      ["Scopes", ({ scopes }) => chips(scopes)],
      ["", (role) => (BUILT_IN.includes(role.name) ? null : [
        h("button", { type: "button", "aria-label": `Change ${role.name}`, onclick: () => edit(role) }, "Change"),
        h("button", { type: "button", class: "danger", "aria-label": `Delete ${role.name}`, onclick: trying(() => remove(role)) }, "Delete"),
      ])],
    ],
  });

  async function edit(role) {
    const name = field("Name", {
      name: "name", required: true, pattern: "[a-z][a-z0-9\\-]*", maxlength: 50, autocomplete: "off", autocapitalize: "off", autofocus: true,
    }, "Small letters, digits and hyphens.");
    const done = await asked(role ? `Change ${role.name}` : "New role", [role ? null : name, scopeFields(role?.scopes)], (values, element) =>
      api.put(`auth/roles/${encodeURIComponent(role?.name ?? values.name)}`, { scopes: chosenScopes(element) }));
    if (!done) return;
    tell(`The role ${done.name} is saved`);
    await reloaded(listed);
  }

  async function remove({ name }) {
    if (!(await ask(`Delete the role ${name}?`, "That works only where nobody has it.", { yes: "Delete", danger: true }))) return;
    await api.delete(`auth/roles/${encodeURIComponent(name)}`);
    tell(`The role ${name} is deleted`);
    await reloaded(listed);
  }

  return [
    h("div", { class: "heading" }, h("h1", {}, "Roles"),
      h("button", { type: "button", class: "primary", onclick: () => edit(null) }, icon("plus"), "New role")),
    h("p", { class: "hint" }, "Whoever has a role gets its scopes with the next token."), listed,
  ];
}
