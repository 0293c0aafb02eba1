/** Signing in: by password, with a second factor where there is one, or by a passkey alone. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { field, form, submitButton } from "../forms.js";
import { icon } from "../icons.js";
import { session } from "../session.js";

const PASSKEYS = "credentials" in navigator && typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";

export default function signIn() {
  const card = h("section", { class: "card" });
  return fill(card, password(card));
}

function password(card) {
  const fields = [
    field("Email", { name: "username", type: "email", autocomplete: "username webauthn", required: true, "data-focus": true }),
    field("Password", { name: "password", type: "password", autocomplete: "current-password", required: true }),
    submitButton("Sign in"),
  ];
  const passkey = h("button", { type: "button" }, icon("key"), "Use a passkey");
  const element = form([fields, PASSKEYS ? passkey : null], async (values) => {
    try {
      await session.signIn({ grant_type: "password", ...values });
    } catch (problem) {
      if (problem.slug !== "mfa_required") throw problem;
      fill(card, secondFactor(card, problem.body));
    }
  });
  passkey.addEventListener("click", () => refusing(element, passkeyAlone));
  return [
    h("h1", {}, "Sign in"), element,
    h("p", { class: "ways" }, h("a", { href: "#/forgot" }, "Forgotten your password?"), h("a", { href: "#/register" }, "Create an account")),
  ];
}

function secondFactor(card, { mfa_token: token, mfa_methods: methods }) {
  const byCode = methods.includes("totp") || methods.includes("recovery_code");
  const hint = methods.includes("recovery_code") ? "Of your authenticator app, or one of your recovery codes." : "Of your authenticator app.";
  const code = field("Code", { name: "code", autocomplete: "one-time-code", autocapitalize: "off", spellcheck: "false", required: true, "data-focus": true }, hint);
  const passkey = h("button", { type: "button", class: byCode ? "" : "primary" }, icon("key"), "Use a passkey");
  const again = h("button", { type: "button", class: "plain", onclick: () => fill(card, password(card)) }, "Back");
  const element = form([byCode ? [code, submitButton("Go on")] : null, PASSKEYS && methods.includes("passkey") ? passkey : null, again], ({ code: sent }) =>
    session.signIn({ grant_type: "mfa", mfa_token: token, code: sent.trim() }));
  passkey.addEventListener("click", () => refusing(element, async () => {
    const options = await api.post("auth/mfa/passkeys/challenge", { mfa_token: token }, { anonymous: true });
    await session.signIn({ grant_type: "mfa", mfa_token: token, credential: await credential(options) });
  }));
  queueMicrotask(() => card.querySelector("input, button.primary")?.focus());
  return [h("h1", {}, "One more step"), h("p", {}, "This account has a second factor."), element];
}

async function passkeyAlone() {
  const { passkey_token: token, options } = await api.post("auth/mfa/passkeys/authenticate/options", undefined, { anonymous: true });
  await session.signIn({ grant_type: "passkey", passkey_token: token, credential: await credential(options) });
}

/** What the authenticator says to a challenge, as JSON. */
async function credential(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey ?? options);
  return JSON.stringify(await navigator.credentials.get({ publicKey }));
}

async function refusing(element, work) {
  const refusal = element.querySelector(".refusal");
  refusal.textContent = "";
  try {
    await work();
  } catch (problem) {
    refusal.textContent = problem.name === "NotAllowedError" ? "No passkey was chosen." : problem.message;
  }
}
