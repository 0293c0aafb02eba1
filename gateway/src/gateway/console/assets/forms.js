/** Fields and forms with labels, hints, and refusals beside them. */
import { h } from "./dom.js";
import { isAbort } from "./problem.js";

let count = 0;

/** A labelled input: `field("Email", { name: "email", type: "email", required: true }, "a hint")`. */
export function field(label, attributes, hint) {
  const id = `field-${(count += 1)}`;
  const described = hint ? `${id}-hint` : null;
  const { options, ...rest } = attributes;
  const input = options
    ? h("select", { id, "aria-describedby": described, ...rest }, options.map(([value, text]) =>
        h("option", { value, selected: value === rest.value }, text)))
    : h(rest.rows ? "textarea" : "input", { id, type: rest.rows ? null : "text", "aria-describedby": described, ...rest });
  const parts = [h("label", { for: id }, label), input];
  if (hint) parts.push(h("small", { id: described }, hint));
  return h("div", { class: "field" }, parts);
}

export function checkbox(label, attributes) {
  return h("label", { class: "choice" }, h("input", { type: "checkbox", ...attributes }), h("span", {}, label));
}

/**
 * A form that calls `submit(values)` with the values by name, is busy until that is over, and shows what it throws.
 * `children` are fields and buttons; one of them must be a submit button.
 */
export function form(children, submit, attributes = {}) {
  const refusal = h("p", { class: "refusal", role: "alert" });
  const element = h("form", { novalidate: false, ...attributes }, children, refusal);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    refusal.textContent = "";
    const buttons = [...element.querySelectorAll("button")].filter((button) => !button.disabled);
    buttons.forEach((button) => { button.disabled = true; });
    try {
      await submit(Object.fromEntries(new FormData(element)), element);
    } catch (problem) {
      if (!isAbort(problem)) refusal.textContent = problem.message;
    } finally {
      buttons.forEach((button) => { button.disabled = false; });
    }
  });
  return element;
}

export const submitButton = (text) => h("button", { class: "primary", type: "submit" }, text);
