/** Sessions as people know them: which program, on which system, from where. */
import { h } from "../dom.js";
import { moment, when } from "../format.js";
import { time } from "../lists.js";

const CLIENTS = { strongroom: "An app, with the password", "strongroom-console": "Web console", "strongroom-cli": "Command line" };
const BROWSERS = [[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrom(e|ium)\//, "Chrome"], [/Safari\//, "Safari"]];
const SYSTEMS = [[/Android/, "Android"], [/iPhone|iPad/, "iOS"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"]];
const LONGEST = 120;

/** What a program says of itself, in few words where it is a browser; anybody can claim anything there. */
export function device(agent) {
  if (!agent) return "Unknown device";
  const named = (known) => known.find(([mark]) => mark.test(agent))?.[1];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  if (agent.startsWith("Mozilla/") && browser && system) return `${browser} on ${system}`;
  return agent.length > LONGEST ? `${agent.slice(0, LONGEST)}…` : agent;
}

export const client = (id) => CLIENTS[id] ?? `App ${id}`;

/** `more` are columns of the page's own. */
export function sessionColumns(...more) {
  return [
    ["Device", (one) => [h("strong", { title: one.user_agent }, device(one.user_agent)), one.current ? [" ", h("span", { class: "chip" }, "this one")] : null]],
    ["With", (one) => client(one.client_id)],
    ["From", (one) => one.address ?? "–"],
    ["Signed in", (one) => time(one.created_at, moment)],
    ["Last used", (one) => time(one.last_used_at, when)],
    ...more,
  ];
}
