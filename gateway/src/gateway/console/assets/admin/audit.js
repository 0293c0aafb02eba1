/** Who did what, when, from where. */
import { api } from "../api.js";
import { client } from "../account/session-list.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { moment } from "../format.js";
import { list, time } from "../lists.js";
import { trying } from "../toasts.js";
import { EVENTS, inWords } from "./audit-events.js";
import { filters } from "./filters.js";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export default function audit({ query, signal }) {
  const emails = new Map();
  const events = Object.entries(EVENTS).map(([event, words]) => [event, `${event}: ${words}`]);
  const found = filters("admin/audit", [
    field("Event", { name: "event", value: query.get("event") ?? "", options: [["", "Any"], ...events] }),
    field("Account", { name: "account", type: "search", value: query.get("account") ?? "", autocomplete: "off" }, "Its address or id."),
    field("Done by", { name: "actor", type: "search", value: query.get("actor") ?? "", autocomplete: "off" }, "An administrator's address or id."),
  ], () => filter());
  let ids = idsOf(found.values());
  const listed = list("auth/audit", {
    caption: "Audit trail", noun: "event", nouns: "events", empty: "Nothing like that happened.", signal,
    columns: columns(emails), query: () => ids, onload: ({ items }, aborting) => resolve(items, emails, aborting),
  });

  let asked = 0;
  const filter = trying(async () => {
    const number = (asked += 1);
    const wanted = found.values();
    const [account, actor] = [await idOf(wanted.account, signal), await idOf(wanted.actor, signal)];
    if (number !== asked) return; // what was typed since is answered first, or alone
    ids = idsOf({ ...wanted, account, actor });
    listed.reload();
  });

  const isByAddress = [query.get("account"), query.get("actor")].some((text) => text?.includes("@"));
  if (isByAddress) filter();
  return [h("h1", {}, "Audit"), found, listed];
}

const NOBODY = "00000000-0000-0000-0000-000000000000";

function idsOf({ event, account, actor }) {
  const id = (text) => (text ? (ID.test(text) ? text : NOBODY) : undefined);
  return { event, account_id: id(account), actor_id: id(actor) };
}

/** The id of the account with exactly that address; an id is one already. */
async function idOf(text, signal) {
  if (!text?.includes("@")) return text;
  const { items } = await api.get("auth/users", { query: { q: text, limit: 10 }, signal });
  return items.find((one) => one.email.toLowerCase() === text.toLowerCase())?.id ?? NOBODY;
}

/** Addresses for the ids of a page, as far as the accounts are still there; apps act, too. */
async function resolve(items, emails, signal) {
  const unknown = new Set(items.flatMap((one) => [one.account_id, one.actor_id]).filter((id) => id && !emails.has(id)));
  await Promise.all([...unknown].map(async (id) => {
    const person = await api.get(`auth/users/${id}`, { signal }).catch((problem) => { if (problem.status !== 404) throw problem; });
    emails.set(id, person?.email ?? null);
  }));
}

function columns(emails) {
  const who = (id) => {
    if (!id) return "–";
    return emails.get(id) ? h("a", { href: `#/admin/accounts/${id}` }, emails.get(id)) : h("code", {}, id);
  };
  return [
    ["When", (one) => time(one.time, moment)],
    ["Whom", (one) => who(one.account_id)],
    ["What", (one) => [h("strong", {}, inWords(one.event)), h("small", {}, one.event), details(one.details)]],
    ["Done by", (one) => who(one.actor_id)],
    ["From", (one) => [one.address ?? "–", one.client_id ? h("small", {}, client(one.client_id)) : null]],
  ];
}

function details(known) {
  const words = Object.entries(known).map(([name, value]) => `${name.replaceAll("_", " ")}: ${Array.isArray(value) ? value.join(", ") : value}`);
  return words.length ? h("small", { class: "details" }, words.join("; ")) : null;
}
