/** Changing the password. What is wrong with a weak one says the service. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { field, form, submitButton } from "../forms.js";
import { session } from "../session.js";
import { tell } from "../toasts.js";

export function password(signal) {
  // Password managers learn from it whose password it is.
  const whose = h("input", { type: "email", autocomplete: "username", value: session.me.email, readonly: true, hidden: true });
  const fields = [
    whose,
    field("Current password", { name: "current_password", type: "password", autocomplete: "current-password", required: true }),
    field("New password", { name: "new_password", type: "password", autocomplete: "new-password", minlength: 8, required: true },
      "Long and uncommon is better than short and complicated."),
    field("New password again", { name: "again", type: "password", autocomplete: "new-password", required: true }),
    submitButton("Change password"),
  ];
  const element = form(fields, async ({ current_password, new_password, again }) => {
    if (new_password !== again) throw new Error("The two new passwords are not the same");
    await api.post("auth/profile/password", { current_password, new_password }, { signal });
    element.reset();
    tell("Your password is changed, and you are signed out everywhere else");
  });
  return h("section", { class: "panel" }, h("h2", {}, "Password"), h("p", {}, "A new one signs you out everywhere else."), element);
}
