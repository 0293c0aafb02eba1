/** The authenticator app: codes that change every half minute (RFC 6238). */
import { asked, askedPassword } from "../asking.js";
import { api } from "../api.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { copyButton } from "../shown-once.js";
import { tell } from "../toasts.js";
import { qrCode } from "./qr-image.js";
import { showCodes } from "./recovery-codes.js";

export function authenticator({ totp }, draw) {
  const deed = totp
    ? h("button", { type: "button", class: "danger", onclick: () => remove(draw) }, "Remove")
    : h("button", { type: "button", onclick: () => setUp(draw) }, "Set up");
  return h("section", { class: "panel" },
    h("div", { class: "heading" },
      h("h2", { tabindex: -1 }, "Authenticator app ", h("span", { class: totp ? "chip" : "chip still" }, totp ? "on" : "off")), deed),
    h("p", {}, totp ? "Signing in with the password takes a code of it, too."
      : "An app on your phone that shows a code to sign in with, beside the password."));
}

async function setUp(draw) {
  const made = await askedPassword("Set up an authenticator app", "It will be needed to sign in from then on.",
    (values) => api.post("auth/mfa/totp", values));
  if (!made) return;
  const answer = await asked("Scan this with the app", scanned(made), ({ code }) => api.post("auth/mfa/totp/confirm", { code }), { yes: "Confirm" });
  if (!answer) return;
  tell("The authenticator app is set up");
  await showCodes(answer.recovery_codes);
  await draw();
}

function scanned({ secret, otpauth_uri: uri }) {
  const code = field("Code that the app shows", {
    name: "code", inputmode: "numeric", autocomplete: "one-time-code", required: true, maxlength: 20, autofocus: true,
  });
  const here = uri.startsWith("otpauth:") ? h("a", { class: "button", href: uri }, "Open in an app here") : null;
  return [
    qrCode(uri, "Code to scan with the authenticator app"),
    h("p", {}, "Or type this into it: ", h("code", { class: "secret" }, secret.replace(/(.{4})(?=.)/g, "$1 "))),
    h("div", { class: "deed-row" }, copyButton(secret, "Copy the secret"), here), h("hr"), code,
  ];
}

async function remove(draw) {
  const done = await askedPassword("Remove the authenticator app?", "Its codes will not be asked for any more.",
    (values) => api.delete("auth/mfa/totp", { json: values }),
    { yes: "Remove", danger: true });
  if (!done) return;
  tell("The authenticator app is removed");
  await draw();
}
