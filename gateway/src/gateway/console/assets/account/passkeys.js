/** Passkeys: keys that a device, a phone or a token keeps, and that sign in without a password. */
import { askedPassword } from "../asking.js";
import { api } from "../api.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { moment } from "../format.js";
import { table, time } from "../lists.js";
import { tell } from "../toasts.js";
import { showCodes } from "./recovery-codes.js";

const CAN = "credentials" in navigator && typeof globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON === "function";

export function passkeys(keys, draw) {
  const deed = CAN ? h("button", { type: "button", onclick: () => add(draw) }, "Add a passkey") : null;
  const columns = [
    ["Name", (key) => h("strong", {}, key.name)],
    ["Added", (key) => time(key.created_at, moment)],
    ["Last used", (key) => time(key.last_used_at, moment)],
    ["", (key) => h("button", { type: "button", class: "danger", "aria-label": `Remove ${key.name}`, onclick: () => remove(key, draw) }, "Remove")],
  ];
  return h("section", { class: "panel" },
    h("div", { class: "heading" }, h("h2", { tabindex: -1 }, "Passkeys"), deed),
    h("p", {}, CAN ? "A key that this device, your phone or a security token keeps. It signs you in without the password."
      : "This browser cannot make any here."),
    keys.length ? h("div", { class: "list" }, h("div", { class: "scroll" }, table("Passkeys", columns, keys))) : null);
}

async function add(draw) {
  const name = field("Name", { name: "name", required: true, maxlength: 200, autofocus: true, placeholder: "My laptop" }, "To tell it from others.");
  const added = await askedPassword("Add a passkey", "Your device asks you next.", async ({ name: called, current_password }) => {
    const options = await api.post("auth/mfa/passkeys/options", { current_password });
    return api.post("auth/mfa/passkeys", { name: called, credential: await made(options) });
  }, { more: [name] });
  if (!added) return;
  tell(`${added.name} is added`);
  await showCodes(added.recovery_codes);
  await draw();
}

async function made(options) {
  try {
    const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    return credential.toJSON();
  } catch (problem) {
    if (problem.name === "InvalidStateError") throw new Error("This device has a passkey for this account already");
    if (problem.name === "NotAllowedError") throw new Error("No passkey was made: it was cancelled, or took too long");
    if (problem.name === "SecurityError") throw new Error("Passkeys work only at the address that this installation is set to be known by");
    throw problem;
  }
}

async function remove(key, draw) {
  const done = await askedPassword(`Remove ${key.name}?`, "It will not sign you in any more. Remove it from the device, too.",
    (values) => api.delete(`auth/mfa/passkeys/${key.id}`, { json: values }),
    { yes: "Remove", danger: true });
  if (!done) return;
  tell(`${key.name} is removed`);
  await draw();
}
