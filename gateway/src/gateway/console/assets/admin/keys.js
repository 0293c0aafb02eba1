/** The keys that access tokens are signed with. */
import { api } from "../api.js";
import { askedTyped } from "../asking.js";
import { ask } from "../dialogs.js";
import { h } from "../dom.js";
import { moment } from "../format.js";
import { list, reloaded, time } from "../lists.js";
import { tell, trying } from "../toasts.js";

const STATES = { next: ["chip still", "next"], active: ["chip", "active"], retired: ["chip still", "retired"] };

export default function keys({ signal }) {
  const listed = list("auth/keys", { caption: "Signing keys", noun: "key", columns: COLUMNS, signal });
  const rotate = trying(async () => {
    const text = "The next key signs as soon as every verifier can know it. No token becomes invalid by it.";
    if (!(await ask("Rotate the keys?", text, { yes: "Rotate" }))) return;
    await api.post("auth/keys/rotate", { emergency: false });
    tell("The rotation is on its way");
    await reloaded(listed);
  });
  const replace = async () => {
    const text = "For keys in wrong hands. Every access token becomes invalid within six minutes, and services may refuse new ones meanwhile.";
    const done = await askedTyped("Replace all keys?", text, "replace", () => api.post("auth/keys/rotate", { emergency: true }), { yes: "Replace all keys" });
    if (!done) return;
    tell("All keys are replaced");
    await reloaded(listed);
  };
  return [
    h("div", { class: "heading" }, h("h1", {}, "Signing keys"), h("button", { type: "button", onclick: rotate }, "Rotate")),
    h("p", { class: "hint" }, "They rotate by themselves. A key is published before it signs, and until the last token that it signed has expired."),
    listed,
    h("section", { class: "panel grave" }, h("h2", {}, "Keys in wrong hands"),
      h("p", {}, "Replaces all of them at once. People go on with their refresh tokens."),
      h("button", { type: "button", class: "danger", onclick: replace }, "Replace all keys …")),
  ];
}

const COLUMNS = [
  ["State", ({ state }) => h("span", { class: STATES[state]?.[0] ?? "chip still" }, STATES[state]?.[1] ?? state)],
  ["Key", ({ kid }) => h("code", {}, kid)],
  ["Made", (key) => time(key.created_at, moment)],
  ["Begins to sign", (key) => time(key.activated_at ?? key.activates_at, moment)],
  ["Signed until", (key) => time(key.retired_at, moment)],
  ["Published until", (key) => time(key.gone_at, moment)],
];
