/** All accounts, found by how their address begins, by role and by whether they are disabled. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { moment } from "../format.js";
import { chips, list, time } from "../lists.js";
import { state } from "./account-state.js";
import account from "./account.js";
import { filters } from "./filters.js";

export default async function accounts({ rest: [id], query, signal }) {
  if (id) return account({ id, signal });
  const roles = await api.get("auth/roles", { signal });
  const found = filters("admin/accounts", [
    field("Address begins with", { name: "q", type: "search", value: query.get("q") ?? "", autocomplete: "off", maxlength: 320 }),
    field("Role", { name: "role", value: query.get("role") ?? "", options: [["", "Any"], ...roles.map(({ name }) => [name, name])] }),
    field("State", { name: "disabled", value: query.get("disabled") ?? "", options: [["", "Any"], ["false", "Enabled"], ["true", "Disabled"]] }),
  ], () => listed.reload());
  const listed = list("auth/users", {
    caption: "Accounts", columns: COLUMNS, query: () => found.values(), empty: "No account is like that.", noun: "account", signal,
  });
  return [h("h1", {}, "Accounts"), found, listed];
}

const COLUMNS = [
  ["Email", (one) => h("a", { href: `#/admin/accounts/${one.id}` }, one.email)],
  ["Name", (one) => one.name || "–"],
  ["Roles", (one) => chips(one.roles)],
  ["State", (one) => state(one)],
  ["Since", (one) => time(one.created_at, moment)],
];
