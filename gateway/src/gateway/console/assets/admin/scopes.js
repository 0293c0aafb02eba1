/** Choosing scopes: those that the services know, and any other. */
import { h } from "../dom.js";
import { checkbox, field } from "../forms.js";

const KNOWN = ["openid", "profile", "email", "account", "files:read", "files:write", "admin"];

export function scopeFields(chosen = []) {
  const boxes = KNOWN.map((scope) => checkbox(scope, { name: "scope", value: scope, checked: chosen.includes(scope) }));
  const others = chosen.filter((scope) => !KNOWN.includes(scope)).join(" ");
  return [
    h("fieldset", {}, h("legend", {}, "Scopes"), h("div", { class: "choices" }, boxes)),
    field("Other scopes", { name: "others", value: others, autocomplete: "off", autocapitalize: "off", spellcheck: "false" },
      "Of services of your own, with spaces between them."),
  ];
}

export function chosenScopes(element) {
  const data = new FormData(element);
  return [...data.getAll("scope"), ...data.get("others").split(/\s+/).filter(Boolean)];
}
