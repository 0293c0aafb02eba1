/** Making an account, which signs in at once. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { field, form, submitButton } from "../forms.js";
import { session } from "../session.js";
import { tell } from "../toasts.js";

export default function register({ signal }) {
  const fields = [
    field("Name", { name: "name", autocomplete: "name", maxlength: 200, "data-focus": true }, "Not needed."),
    field("Email", { name: "email", type: "email", autocomplete: "username", required: true }),
    field("Password", { name: "password", type: "password", autocomplete: "new-password", minlength: 8, required: true },
      "Long and uncommon is better than short and complicated."),
    submitButton("Create account"),
  ];
  const element = form(fields, async ({ name, email, password }) => {
    await api.post("auth/register", { email, password, name: name || null }, { anonymous: true, signal });
    await session.signIn({ grant_type: "password", username: email, password });
    if (!session.me.email_verified) tell(`A mail to ${email} lets you confirm that the address is yours.`);
  });
  return h("section", { class: "card" }, h("h1", {}, "Create an account"), element,
    h("p", { class: "ways" }, h("a", { href: "#/sign-in" }, "I have one already")));
}
