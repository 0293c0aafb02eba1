/** The signed-in person: name, address, what they may and keep, and how to leave. */
import { askedTyped } from "../asking.js";
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { field, form, submitButton } from "../forms.js";
import { moment, size } from "../format.js";
import { chips } from "../lists.js";
import { meter } from "../account/usage.js";
import { accountPage } from "../sections.js";
import { session } from "../session.js";
import { tell, trying } from "../toasts.js";

export default function profile({ signal }) {
  const usage = h("section", { class: "panel usage", "aria-label": "Usage" });
  trying(() => showUsage(usage, signal))();
  return accountPage("profile", "Your account", naming(signal), addressing(signal), usage, about(), leaving(), deleting());
}

function naming(signal) {
  const name = field("Name", { name: "name", value: session.me.name ?? "", autocomplete: "name", maxlength: 200 });
  const element = form([name, submitButton("Save")], async (values) => {
    await api.patch("auth/profile", { name: values.name.trim() || null }, { signal });
    await session.reload();
    tell("Your name is saved");
  });
  return h("section", { class: "panel" }, h("h2", {}, "What you are called"), element);
}

function addressing(signal) {
  const { email, email_verified: verified } = session.me;
  const told = h("p", { role: "status", class: "hint" });
  const resend = trying(async () => {
    await api.post("auth/email/resend", undefined, { signal });
    told.textContent = `A mail with a link is on its way to ${email}.`;
  });
  const fields = [
    field("New address", { name: "email", type: "email", autocomplete: "email", required: true, maxlength: 320 }),
    field("Your password", { name: "current_password", type: "password", autocomplete: "current-password", required: true }),
    submitButton("Change address"),
  ];
  const element = form(fields, async (values) => {
    await api.patch("auth/profile", values, { signal });
    element.reset();
    told.textContent = `A mail is on its way to ${values.email}. The address counts once you have followed the link in it.`;
  });
  return h("section", { class: "panel" }, h("h2", {}, "Email address"),
    h("p", {}, h("strong", {}, email), " ", h("span", { class: verified ? "chip" : "chip alarm" }, verified ? "confirmed" : "not confirmed yet")),
    verified ? null : h("p", {}, "Follow the link in the mail that we sent you. ",
      h("button", { type: "button", class: "plain", onclick: resend }, "Send it again")),
    element, told);
}

async function showUsage(panel, signal) {
  const [kept, derived] = await Promise.all([api.get("files/usage", { signal }), api.get("files/usage/derived", { signal })]);
  fill(panel, h("h2", {}, "Usage"), meter(kept),
    h("p", { class: "hint" }, `Old versions and the trash count until they are gone. Previews (${size(derived.bytes)}) do not.`));
}

function about() {
  return h("section", { class: "panel" }, h("h2", {}, "About this account"), h("dl", { class: "facts" },
    h("dt", {}, "Roles"), h("dd", {}, chips(session.me.roles)),
    h("dt", {}, "Since"), h("dd", {}, moment(session.me.created_at)),
    h("dt", {}, "Id"), h("dd", {}, h("code", {}, session.me.id))));
}

function leaving() {
  const out = h("button", { type: "button", onclick: trying(() => session.signOut()) }, "Sign out");
  return h("section", { class: "panel" }, h("h2", {}, "Sign out"), h("p", {}, "Of this browser. Others are on the page of your sessions."), out);
}

function deleting() {
  const ask = () => askedTyped("Delete your account?", "Your files, links and webhooks go with it, for good. Nobody can bring them back.",
    session.me.email, remove, { yes: "Delete my account" });
  return h("section", { class: "panel grave" }, h("h2", {}, "Delete account"), h("p", {}, "With everything that it has here."),
    h("button", { type: "button", class: "danger", onclick: ask }, "Delete my account …"));
}

async function remove() {
  await api.delete("auth/profile");
  session.forget();
  tell("Your account is deleted");
}
