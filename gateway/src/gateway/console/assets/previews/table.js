/** A CSV file or a workbook as a table: sorted by its columns, filtered, of any length. */
import { api } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { field, form } from "../forms.js";
import { VirtualList } from "../files/virtual-list.js";
import { plural } from "../format.js";
import { failed } from "../toasts.js";
import { RowSource } from "./row-source.js";
import { tableHead, tableRow, WIDTH } from "./table-parts.js";
import { waiting } from "./waiting.js";

const HEIGHT = 36;

export function table(file, signal) {
  return waiting(file, async () => {
    const source = await new RowSource(file, {}, signal).open();
    return tableView(file, source, await sheetsOf(file, signal), signal);
  }, "of-table");
}

async function sheetsOf(file, signal) {
  const { derived } = await api.get(`files/${file.id}`, { signal });
  return derived.find((one) => one.name === "xlsx")?.facts?.sheets ?? [];
}

function tableView(file, first, sheets, signal) {
  let question = { where: "", order_by: "", sheet: 1 };
  let asked = 0;
  const place = h("div", { class: "table-place" });
  const count = h("span", { class: "hint", role: "status" });
  let drawing = new AbortController();

  /** Throws where the question is refused; then what was there before stays. */
  async function asking(change) {
    const before = question;
    const number = (asked += 1);
    const mine = new AbortController();
    question = { ...question, ...change };
    place.setAttribute("aria-busy", "true");
    try {
      const source = await new RowSource(file, question, AbortSignal.any([mine.signal, signal])).open();
      if (number !== asked) return;
      drawing.abort();
      drawing = mine;
      show(source);
    } catch (problem) {
      if (number === asked) question = before;
      throw problem;
    } finally {
      if (number === asked) place.removeAttribute("aria-busy");
    }
  }

  function show(source) {
    const aborting = AbortSignal.any([drawing.signal, signal]);
    const body = h("div", { role: "rowgroup", class: "rows" });
    const sort = (order) => asking({ order_by: order }).then(() => place.querySelector("[aria-sort] button")?.focus()).catch(failed);
    const head = tableHead(source.columns, question.order_by, sort);
    const list = new VirtualList(source, { body, head, height: HEIGHT, draw: (row, index) => tableRow(row, index, source.columns), isFocusable: false, signal: aborting });
    const width = `${source.columns.length * WIDTH + WIDTH / 2}rem`;
    head.style.width = body.style.width = width;
    for (const [name, value] of Object.entries({ role: "table", "aria-label": file.filename, tabindex: 0, "aria-rowcount": source.length + 1, "aria-colcount": source.columns.length + 1 })) {
      list.element.setAttribute(name, value);
    }
    source.addEventListener("problem", ({ detail }) => failed(detail), { signal: aborting });
    count.textContent = plural(source.length, "row");
    announce(count.textContent);
    fill(place, list.element);
  }

  show(first);
  const where = field("Only rows where", { name: "where", autocomplete: "off", spellcheck: "false", placeholder: "amount >= 10 and city = 'Ulm'", maxlength: 4000 });
  const filter = form([where, h("button", { type: "submit" }, "Filter")], ({ where: text }) => asking({ where: text.trim() }), { class: "where" });
  return [h("div", { class: "table-tools" }, sheets.length > 1 ? chooser(sheets, asking) : null, filter, count), place];
}

function chooser(sheets, asking) {
  const options = sheets.map((sheet, index) => [String(index + 1), sheet.name ?? `Sheet ${index + 1}`]);
  const chosen = field("Sheet", { name: "sheet", value: "1", options });
  chosen.querySelector("select").addEventListener("change", ({ target }) => asking({ sheet: Number(target.value), order_by: "", where: "" }).catch(failed));
  return chosen;
}
