/** The pages of a PDF, one at a time, with the text of each for who cannot see it. */
import { api, whenRead } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { icon } from "../icons.js";
import { isAbort } from "../problem.js";
import { thumbnail } from "./thumbnails.js";
import { waiting } from "./waiting.js";

export function pdf(file, signal) {
  return waiting(file, async () => {
    await thumbnail(file, 1024, { signal });
    const { derived } = await api.get(`files/${file.id}`, { signal });
    const count = derived.find((one) => one.name === "pdf")?.facts?.page_count ?? 1;
    return pages(file, count, signal);
  }, "of-pdf");
}

function pages(file, count, signal) {
  let page = 1;
  let turning = new AbortController();
  const sheet = h("div", { class: "sheet" });
  const number = h("input", { type: "number", min: 1, max: count, value: 1, "aria-label": "Page", onchange: () => turn(Number(number.value)) });
  const button = (by, name, label) => h("button", { class: "icon-only", type: "button", "aria-label": label, title: label, onclick: () => turn(page + by) }, icon(name));
  const before = button(-1, "back", "The page before");
  const after = button(1, "next", "The next page");

  async function turn(wanted) {
    page = Math.min(count, Math.max(1, Math.round(wanted) || 1));
    number.value = page;
    before.disabled = page === 1;
    after.disabled = page === count;
    turning.abort();
    turning = new AbortController();
    const aborting = AbortSignal.any([turning.signal, signal]);
    sheet.setAttribute("aria-busy", "true");
    try {
      const url = await thumbnail(file, 1024, { page, signal: aborting });
      fill(sheet, h("img", { src: url, alt: `Page ${page} of ${count}` }), words(page, aborting));
      announce(`Page ${page} of ${count}`);
    } catch (problem) {
      if (!isAbort(problem)) fill(sheet, h("p", { class: "refusal", role: "alert" }, problem.message));
    }
    sheet.removeAttribute("aria-busy");
  }

  function words(at, aborting) {
    const text = h("p", { class: "spoken" });
    whenRead(() => api.get(`files/${file.id}/text`, { query: { page: at }, signal: aborting }), aborting)
      .then((answer) => { text.textContent = answer.text; }, () => {});
    return text;
  }

  turn(1);
  return [sheet, count > 1 ? h("div", { class: "paging", role: "group", "aria-label": "Pages" }, before, number, h("span", {}, `of ${count}`), after) : null];
}
