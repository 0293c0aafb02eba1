/** The head of a table, and its rows. */
import { h } from "../dom.js";
import { number } from "../format.js";
import { icon } from "../icons.js";

export const WIDTH = 11; // rem, of a column

/** `order` is as `order_by` is now: a name, or `-name`; `onsort(order)`. */
export function tableHead(columns, order, onsort) {
  const cells = columns.map(({ name, type }) => {
    const written = quoted(name);
    const isSorted = order === written || order === `-${written}`;
    const isDown = isSorted && order.startsWith("-");
    return h("span", { role: "columnheader", class: kindOf(type), "aria-sort": isSorted ? (isDown ? "descending" : "ascending") : null },
      h("button", { class: "plain", type: "button", title: `${name} (${type})`, onclick: () => onsort(isSorted && !isDown ? `-${written}` : written) },
        h("span", {}, name || "(no name)"), isSorted ? arrow(isDown) : null));
  });
  return h("div", { role: "rowgroup", class: "head" }, h("div", { role: "row", "aria-rowindex": 1 },
    h("span", { role: "columnheader", class: "ordinal" }, h("span", { class: "spoken" }, "Row")), cells));
}

export function tableRow(row, index, columns) {
  const cells = columns.map(({ type }, at) => {
    const value = row?.[at];
    const text = value === null || value === undefined ? "" : String(value);
    return h("span", { role: "cell", class: kindOf(type), title: text.length > 20 ? text : null }, row ? text : "…");
  });
  return h("div", { role: "row", class: row ? "line" : "line absent", "aria-rowindex": index + 2, "data-index": index },
    h("span", { role: "rowheader", class: "ordinal" }, number(index + 1)), cells);
}

const kindOf = (type) => (type === "integer" || type === "number" ? "cell number" : "cell");

/** As the service reads names in lists of them: in double quotes, which are doubled inside. */
const quoted = (name) => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

function arrow(isDown) {
  const drawn = icon("sort");
  if (isDown) drawn.classList.add("down");
  return drawn;
}
