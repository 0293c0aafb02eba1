/** The uploads in the shell's dock: a list that can be folded, and what holds for all of them. */
import { announce, fill, h } from "../dom.js";
import { duration, plural, size } from "../format.js";
import { icon } from "../icons.js";
import { ask } from "../dialogs.js";
import { trying } from "../toasts.js";
import { row } from "./row.js";

const OFTEN = 150; // milliseconds between two drawings
const SHOWN = 40;
const ORDER = ["asking", "running", "failed", "lost", "paused", "waiting", "done", "skipped", "cancelled"];

export function panel(uploads) {
  const rows = new Map();
  const heading = h("h2", { id: "uploads-heading", tabindex: -1 }, "Uploads");
  const summary = h("small", {});
  const bar = h("progress", { max: 100, value: 0, "aria-label": "All uploads" });
  const list = h("ul", { id: "uploads-list" });
  const more = h("p", { class: "more hint" });
  const all = h("span", { class: "actions" });
  const fold = h("button", { class: "quiet icon-only fold", type: "button", "aria-expanded": "true", "aria-controls": "uploads-list", "aria-label": "Show each upload", onclick: folded }, icon("next"));
  const body = h("div", { class: "list" }, list, more);
  const section = h("section", { "aria-labelledby": "uploads-heading", hidden: true },
    h("header", {}, h("div", { class: "what" }, heading, summary), all, fold), bar, body);
  let timer = null;
  let spoken = 0;
  let kind = "";

  function folded() {
    body.hidden = !body.hidden;
    fold.setAttribute("aria-expanded", String(!body.hidden));
  }

  function draw() {
    timer = null;
    const { items } = uploads;
    section.hidden = items.length === 0 && !uploads.isReading;
    document.body.classList.toggle("uploading", !section.hidden);
    const sums = summed(uploads);
    bar.value = sums.percent;
    bar.hidden = !uploads.isActive;
    const told = summaryOf(uploads, sums);
    if (summary.textContent !== told) summary.textContent = told;
    drawRows(items);
    drawButtons();
    speak(sums);
  }

  function drawRows(items) {
    const wanted = [...items].sort((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state)).slice(0, SHOWN);
    for (const [item, { element }] of rows) if (!wanted.includes(item)) { element.remove(); rows.delete(item); }
    wanted.forEach((item, index) => {
      if (!rows.has(item)) rows.set(item, row(item, uploads));
      const { element, update } = rows.get(item);
      update();
      // Moved only where it must be: moving takes the focus away.
      if (list.children[index] !== element && !element.contains(document.activeElement)) list.insertBefore(element, list.children[index] ?? null);
    });
    const left = items.length - wanted.length;
    more.textContent = left > 0 || uploads.isReading ? `${left > 0 ? `and ${plural(left, "more")}`.replace("mores", "more") : ""}${uploads.isReading ? " …" : ""}` : "";
  }

  function drawButtons() {
    const lost = uploads.items.some((item) => item.state === "lost");
    const now = uploads.isActive ? "active" : uploads.isStopped ? "stopped" : lost ? "lost" : "over";
    if (now === kind) return;
    kind = now;
    const within = all.contains(document.activeElement);
    const named = (label, name, run) => h("button", { class: "quiet icon-only", type: "button", title: label, "aria-label": label, onclick: trying(run) }, icon(name));
    const cancel = named("Cancel all", "close", cancelAll);
    fill(all, {
      active: [named("Pause all", "pause", () => uploads.pauseAll()), cancel],
      stopped: [named("Go on with all", "play", () => uploads.resumeAll()), cancel],
      lost: cancel,
      over: named("Clear what is over", "close", () => uploads.clearEnded()),
    }[now]);
    if (within) (all.querySelector("button") ?? heading).focus();
  }

  async function cancelAll() {
    if (await ask("Cancel all uploads?", "What has come of them so far is thrown away. Files that have arrived stay.", { yes: "Cancel all uploads", danger: true })) await uploads.cancelAll();
  }

  /** At every tenth of the whole, and at the end. */
  function speak({ percent, files, done }) {
    if (!uploads.isActive) {
      if (spoken && done) announce(`${plural(done, "file")} uploaded`);
      spoken = 0;
    } else if (Math.floor(percent / 10) > spoken) {
      spoken = Math.floor(percent / 10);
      announce(`${spoken * 10} percent of ${plural(files, "file")} uploaded`);
    }
  }

  uploads.addEventListener("change", () => { timer ??= setTimeout(draw, OFTEN); });
  return section;
}

function summed({ items, past }) {
  const sums = { files: past.files, done: past.files, bytes: past.bytes, sent: past.bytes };
  for (const item of items) {
    if (item.state === "skipped" || item.state === "cancelled" || item.state === "lost") continue;
    sums.files += 1;
    sums.bytes += item.size;
    sums.sent += item.sent;
    if (item.state === "done") sums.done += 1;
  }
  return { ...sums, percent: sums.bytes ? Math.floor((sums.sent / sums.bytes) * 100) : 0 };
}

function summaryOf(uploads, { files, done, bytes, sent }) {
  const lost = uploads.items.filter((item) => item.state === "lost").length;
  const failed = uploads.items.filter((item) => item.state === "failed").length;
  const parts = [];
  if (files) parts.push(`${done} of ${plural(files, "file")}${uploads.isReading ? " so far" : ""}`);
  if (failed) parts.push(`${failed} did not work`);
  if (lost) parts.push(`${lost} broken off`);
  const isMoving = uploads.items.some((item) => item.state === "running" && !item.note);
  const speed = isMoving ? uploads.pace.speed() : null;
  if (speed) parts.push(`${size(speed)}/s`, `${duration((bytes - sent) / speed)} left`);
  return parts.join(" · ");
}
