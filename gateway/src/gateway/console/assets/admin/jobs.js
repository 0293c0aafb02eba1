/** What the file service still has to do, and what it gave up. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { field } from "../forms.js";
import { moment, number } from "../format.js";
import { list, reloaded, time } from "../lists.js";
import { tell, trying } from "../toasts.js";
import { filters } from "./filters.js";

const STATES = { queued: ["chip still", "waiting"], picked: ["chip", "being done"], failed: ["chip alarm", "given up"] };

export default function jobs({ query, signal }) {
  const states = Object.entries(STATES).map(([state, [, text]]) => [state, text]);
  const found = filters("admin/jobs", [
    field("State", { name: "state", value: query.get("state") ?? "", options: [["", "Any"], ...states] }),
  ], () => listed.reload());
  const retry = (job) => trying(async () => {
    await api.post(`files/jobs/${job.id}/retry`);
    tell(`Job ${job.id} is tried again`);
    await reloaded(listed);
  });
  const listed = list("files/jobs", {
    caption: "Jobs", noun: "job", empty: "There is nothing left to do, and nothing was given up.", query: () => found.values(), signal,
    columns: [
      ["Job", (job) => [h("strong", {}, job.name), h("small", {}, `No. ${job.id}`)]],
      ["State", ({ state }) => h("span", { class: STATES[state]?.[0] ?? "chip still" }, STATES[state]?.[1] ?? state)],
      ["Attempts", (job) => number(job.attempts)],
      ["Why it failed", (job) => (job.reason ? h("code", {}, job.reason) : "–")],
      ["Made", (job) => time(job.created_at, moment)],
      ["Due", (job) => time(job.due_at, moment)],
      ["", (job) => (job.state !== "failed" ? null
        : h("button", { type: "button", "aria-label": `Try again: job ${job.id}`, onclick: retry(job) }, "Try again"))],
    ],
  });
  const refresh = h("button", { type: "button", onclick: () => listed.reload() }, "Look again");
  return [h("div", { class: "heading" }, h("h1", {}, "Jobs"), refresh),
    h("p", { class: "hint" }, "What is done is not listed. What was given up is kept for 30 days."), found, listed];
}
