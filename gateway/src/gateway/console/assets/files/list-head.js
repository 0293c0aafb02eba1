/** The head of a list: what its columns are, and by which it is sorted. A grid has it for screen readers and for its order, too. */
import { h } from "../dom.js";
import { icon } from "../icons.js";

/** `columns` are `{name, title, sort}`; without `sort`, a column cannot be sorted by. `onsort(sort)` gets `name` or `-name`. */
export function listHead({ place, columns, onsort }) {
  const usual = place.q ? null : "name";
  const now = place.sort ?? usual;
  const cell = ({ name, title, sort }) => {
    const isSorted = sort && now?.replace(/^-/, "") === sort;
    const isDown = isSorted && now.startsWith("-");
    const to = isSorted ? (isDown ? sort : `-${sort}`) : sort === "name" ? sort : `-${sort}`;
    const direction = isSorted ? (isDown ? "descending" : "ascending") : null;
    return h("span", { role: "columnheader", class: `cell ${name}`, "aria-sort": direction },
      sort ? h("button", { class: "plain", type: "button", "data-sort": sort, onclick: () => onsort(to) }, title, isSorted ? arrow(isDown) : null) : title);
  };
  return h("div", { role: "rowgroup", class: "head" }, h("div", { role: "row", "aria-rowindex": 1 },
    h("span", { role: "columnheader", class: "cell check" }, h("span", { class: "spoken" }, "Selected")),
    columns.map(cell),
    h("span", { role: "columnheader", class: "cell more" }, h("span", { class: "spoken" }, "What can be done"))));
}

function arrow(isDown) {
  const drawn = icon("sort");
  if (isDown) drawn.classList.add("down");
  return drawn;
}
