/** Forms on top of the page whose outcome is waited for: values, a password, a word that is typed to be sure. */
import { open } from "./dialogs.js";
import { h } from "./dom.js";
import { field, form } from "./forms.js";
import { failed } from "./toasts.js";

/**
 * Settled with what `submit(values, element, signal)` answered once it went well (true where that is nothing), or null where it was
 * cancelled. Who closes it while that is on its way hears the outcome all the same; what comes in steps may stop between them, at the signal.
 */
export function asked(title, children, submit, { yes = "Save", danger = false } = {}) {
  return new Promise((resolve) => {
    const leaving = new AbortController();
    let outcome = null;
    const cancel = h("button", { type: "button", onclick: () => dialog.close("") }, "Cancel");
    const go = h("button", { class: danger ? "danger" : "primary", type: "submit" }, yes);
    const content = form([children, h("div", { class: "buttons" }, cancel, go)], async (values, element) => {
      outcome = work(values, element);
      await outcome.catch((problem) => { outcome = null; throw problem; });
      dialog.close("done");
    });
    const work = async (values, element) => (await submit(values, element, leaving.signal)) ?? true;
    const missed = (problem) => { failed(problem); return null; };
    const dialog = open(title, content, { onclose: () => { leaving.abort(); resolve(outcome?.catch(missed) ?? null); } });
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
