/** What administrators see to; each part is loaded when it is opened. */
import { h } from "../dom.js";
import { sections } from "../sections.js";

const PARTS = {
  accounts: ["Accounts", () => import("../admin/accounts.js")],
  roles: ["Roles", () => import("../admin/roles.js")],
  apps: ["Apps", () => import("../admin/apps.js")],
  keys: ["Keys", () => import("../admin/keys.js")],
  jobs: ["Jobs", () => import("../admin/jobs.js")],
  integrity: ["Integrity", () => import("../admin/integrity.js")],
  audit: ["Audit", () => import("../admin/audit.js")],
};

/** `#/admin/accounts/…`: each part is called like a page, with the rest of the address. */
export default async function admin({ rest: [name = "accounts", ...rest], query, signal }) {
  const links = Object.entries(PARTS).map(([part, [title]]) => [`admin/${part}`, title]);
  const [title, load] = (Object.hasOwn(PARTS, name) && PARTS[name]) || ["Not found", null];
  const content = load
    ? await (await load()).default({ rest, query, signal })
    : [h("h1", {}, "There is no such page"), h("p", {}, h("a", { href: "#/admin" }, "To the accounts"))];
  return h("section", { class: "page people", "data-title": title }, sections("Administration", links, `admin/${name}`), content);
}
