/** Registering an app or a service account. */
import { api } from "../api.js";
import { asked } from "../asking.js";
import { field } from "../forms.js";
import { chosenScopes, scopeFields } from "./scopes.js";

const KINDS = [
  ["service", "Service account: a program that acts for itself"],
  ["confidential", "App with a server, which keeps a secret"],
  ["public", "App on people's devices, which keeps none"],
];

/** Settled with the new client, its secret with it; null where it was cancelled. */
export function registration() {
  const name = field("Name", { name: "name", required: true, maxlength: 200, autocomplete: "off", autofocus: true },
    "People see it when they sign in to the app.");
  const kind = field("Kind", { name: "kind", value: "service", options: KINDS });
  const uris = field("Addresses that people are sent back to", { name: "redirect_uris", rows: 3, spellcheck: "false", autocapitalize: "off" },
    "One a line: https, http on loopback, or a scheme of the app's own.");
  uris.hidden = true;
  kind.addEventListener("change", ({ target }) => {
    uris.hidden = target.value === "service";
    uris.querySelector("textarea").required = !uris.hidden;
  });
  return asked("Register an app", [name, kind, uris, scopeFields()], (values, element) => api.post("auth/clients", {
    name: values.name,
    scopes: chosenScopes(element),
    redirect_uris: values.kind === "service" ? [] : values.redirect_uris.split(/\s+/).filter(Boolean),
    public: values.kind === "public",
  }), { yes: "Register" });
}
