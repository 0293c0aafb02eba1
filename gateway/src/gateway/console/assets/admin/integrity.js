/** Which stored bytes are not what they were. */
import { fill, h } from "../dom.js";
import { moment, number, size } from "../format.js";
import { list, time } from "../lists.js";

export default function integrity({ signal }) {
  const findings = h("section", { class: "panel", "aria-label": "Findings" });
  const listed = list("files/integrity", {
    caption: "Damaged and missing versions", noun: "version", empty: "Every version that was looked at is as it was stored.", signal,
    columns: [
      ["File", (one) => [h("strong", {}, one.path), h("small", {}, `Version ${one.version}, ${size(one.size)}`)]],
      ["Owner", (one) => h("a", { href: `#/admin/accounts/${one.owner_id}` }, h("code", {}, one.owner_id))],
      ["Fault", (one) => h("span", { class: "chip alarm" }, one.missing_at ? "missing" : "damaged")],
      ["Found", (one) => time(one.missing_at ?? one.damaged_at, moment)],
      ["In the bucket", (one) => [h("code", {}, one.object_key), h("small", {}, "SHA-256 ", h("code", {}, one.sha256))]],
    ],
    onload: (answer) => { fill(findings, summary(answer)); },
  });
  const hint = h("p", { class: "hint" }, "Stored bytes are read again from time to time, and compared with what they were.");
  return [h("h1", {}, "Integrity"), hint, findings, listed];
}

function summary(answer) {
  const at = (iso, never) => (iso ? moment(iso) : never);
  return h("dl", { class: "facts" },
    h("dt", {}, "Damaged"), h("dd", {}, number(answer.damaged)), h("dt", {}, "Missing"), h("dd", {}, number(answer.missing)),
    h("dt", {}, "Bytes last read again"), h("dd", {}, at(answer.scrubbed_at, "not yet")),
    h("dt", {}, "Bucket last gone through"), h("dd", {}, at(answer.swept_at, "not yet")));
}
