/** Codes for when every other factor is lost, each good once. */
import { askedPassword } from "../asking.js";
import { api } from "../api.js";
import { h } from "../dom.js";
import { plural } from "../format.js";
import { shownOnce } from "../shown-once.js";

export function recoveryCodes({ totp, passkeys, recovery_codes_left: left }, draw) {
  if (!totp && passkeys === 0) return null;
  const deed = h("button", { type: "button", onclick: () => renew(draw) }, "New codes");
  return h("section", { class: "panel" },
    h("div", { class: "heading" },
      h("h2", { tabindex: -1 }, "Recovery codes ", h("span", { class: left > 2 ? "chip" : "chip alarm" }, `${plural(left, "code")} left`)), deed),
    h("p", {}, "For when you have lost the other factors. Each is good once."));
}

async function renew(draw) {
  const made = await askedPassword("New recovery codes", "Those you have are void from then on.", (values) => api.post("auth/mfa/recovery-codes", values));
  if (!made) return;
  await showCodes(made.recovery_codes);
  await draw();
}

/** Nothing, where none are new: some are left from an earlier factor. */
export async function showCodes(codes) {
  if (!codes?.length) return;
  const text = "Keep them where you find them without this device. They are not shown again.";
  await shownOnce("Your recovery codes", text, codes, "strongroom-recovery-codes.txt");
}
