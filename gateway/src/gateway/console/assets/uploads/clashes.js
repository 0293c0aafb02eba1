/** Asks what is to become of a file whose place is taken. One question at a time, and one answer for all that came together if that is wanted. */
import { open } from "../dialogs.js";
import { h } from "../dom.js";
import { checkbox } from "../forms.js";

const WAYS = [["skip", "Skip"], ["replace", "New version"], ["both", "Keep both"]];
let last = Promise.resolve();

/** "both", "replace" or "skip". Throws the signal's reason where it is no longer waited for. */
export function clash(item, signal) {
  const turn = last.then(() => {
    signal.throwIfAborted();
    return item.batch.answer ?? asked(item, signal);
  });
  last = turn.catch(() => {});
  return turn;
}

function asked({ path, batch }, signal) {
  return new Promise((resolve, reject) => {
    const forAll = checkbox("Do this for all the others, too", { name: "all" });
    const buttons = WAYS.map(([answer, label]) =>
      h("button", { type: "button", class: answer === "both" ? "primary" : "", autofocus: answer === "both", onclick: () => dialog.close(answer) }, label));
    const content = [
      h("p", {}, "There is a file at ", h("strong", {}, path), " already."),
      batch.count > 1 ? forAll : null,
      h("div", { class: "buttons" }, buttons),
    ];
    const left = () => { reject(signal.reason); dialog.close(""); };
    const dialog = open("That name is taken", content.filter(Boolean), {
      onclose: (answer) => {
        signal.removeEventListener("abort", left);
        if (answer && forAll.querySelector("input").checked) batch.answer = answer;
        resolve(answer || "skip");
      },
      stays: true, // uploads go on whichever page is open, and going to another is no answer
    });
    signal.addEventListener("abort", left, { once: true });
  });
}
