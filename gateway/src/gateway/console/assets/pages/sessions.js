/** Where the person is signed in, and how to end that. */
import { api } from "../api.js";
import { device, sessionColumns } from "../account/session-list.js";
import { ask } from "../dialogs.js";
import { h } from "../dom.js";
import { plural } from "../format.js";
import { list, reloaded } from "../lists.js";
import { accountPage } from "../sections.js";
import { session } from "../session.js";
import { tell, trying } from "../toasts.js";

export default function sessions({ signal }) {
  let known = [];
  const others = h("button", { type: "button", hidden: true, onclick: trying(endOthers) }, "End all others");
  const deeds = ["", (one) => {
    const label = one.current ? "Sign out here" : `End the session of ${device(one.user_agent)}`;
    return h("button", { type: "button", class: "danger", "aria-label": label, onclick: trying(() => end(one)) }, one.current ? "Sign out" : "End");
  }];
  const listed = list("auth/sessions", {
    caption: "Your sessions", columns: sessionColumns(deeds), noun: "session", signal,
    onload: (all) => { known = all; others.hidden = all.length < 2; },
  });

  async function end(one) {
    if (one.current) return session.signOut();
    if (!(await ask("End this session?", `${device(one.user_agent)} is signed out within seconds.`, { yes: "End it", danger: true }))) return;
    await api.delete(`auth/sessions/${one.id}`);
    tell("The session is ended");
    await reloaded(listed);
  }

  async function endOthers() {
    const ended = known.filter((one) => !one.current);
    if (!(await ask(`End ${plural(ended.length, "other session")}?`, "Only this browser stays signed in.", { yes: "End them", danger: true }))) return;
    // One may have ended by itself meanwhile.
    await Promise.all(ended.map((one) => api.delete(`auth/sessions/${one.id}`).catch((problem) => { if (problem.status !== 404) throw problem; })));
    tell("You are signed out everywhere else");
    await reloaded(listed);
  }

  return accountPage("sessions", "Sessions",
    h("div", { class: "heading" }, h("p", { class: "hint" }, "Every place where you are signed in. End what you do not know, then change your password."),
      h("div", { class: "deed-row" }, others, h("button", { type: "button", class: "danger", onclick: trying(endAll) }, "Sign out everywhere"))),
    listed);
}

async function endAll() {
  if (!(await ask("Sign out everywhere?", "Here, too.", { yes: "Sign out", danger: true }))) return;
  await api.delete("auth/sessions");
  session.forget();
}
