/** Forms on top of the page whose outcome is waited for: values, a password, a word that is typed to be sure. */
import { open } from "./dialogs.js";
import { h } from "./dom.js";
import { field, form } from "./forms.js";

/** Settled with what `submit(values)` answered once it went well (true where that is nothing), or null where it was cancelled. */
export function asked(title, children, submit, { yes = "Save", danger = false } = {}) {
  return new Promise((resolve) => {
    let answer = null;
    const cancel = h("button", { type: "button", onclick: () => dialog.close("") }, "Cancel");
    const go = h("button", { class: danger ? "danger" : "primary", type: "submit" }, yes);
    const content = form([children, h("div", { class: "buttons" }, cancel, go)], async (values, element) => {
      answer = (await submit(values, element)) ?? true;
      dialog.close("done");
    });
    const dialog = open(title, content, { onclose: () => resolve(answer) });
  });
}

/** For what changes who can sign in: a token alone must not be enough. `more` are fields before that of the password. */
export function askedPassword(title, text, submit, { more = [], ...options } = {}) {
  const password = field("Your password", {
    name: "current_password", type: "password", autocomplete: "current-password", required: true, autofocus: more.length === 0,
  });
  return asked(title, [h("p", {}, text), more, password], submit, { yes: "Go on", ...options });
}

/** For what cannot be undone: `word` is typed before. */
export function askedTyped(title, text, word, submit, { yes = "Delete" } = {}) {
  const typed = field(`Type ${word} to be sure`, {
    name: "typed", autocomplete: "off", autocapitalize: "off", spellcheck: "false", required: true, autofocus: true,
  });
  return asked(title, [h("p", {}, text), typed], async (values) => {
    if (values.typed.trim() !== word) throw new Error(`That is not ${word}`);
    return submit();
  }, { yes, danger: true });
}
