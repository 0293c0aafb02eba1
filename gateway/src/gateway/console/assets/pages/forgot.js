/** Asks for a mail with a link that sets a new password. */
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { field, form, submitButton } from "../forms.js";

export default function forgot({ signal }) {
  const card = h("section", { class: "card" });
  const back = h("p", { class: "ways" }, h("a", { href: "#/sign-in" }, "Back to signing in"));
  const element = form([field("Email", { name: "email", type: "email", autocomplete: "username", required: true, "data-focus": true }), submitButton("Send me a link")],
    async ({ email }) => {
      await api.post("auth/password/forgot", { email }, { anonymous: true, signal });
      const told = h("h1", { tabindex: -1 }, "Look into your mail");
      fill(card, told, h("p", {}, `If there is an account for ${email}, a link to choose a new password is on its way.`), back);
      told.focus();
    });
  return fill(card, h("h1", {}, "Forgotten your password?"), h("p", {}, "We send you a link to choose a new one."), element, back);
}
