/** How the person signs in: the password, an authenticator app, passkeys, recovery codes. */
import { api } from "../api.js";
import { authenticator } from "../account/authenticator.js";
import { passkeys } from "../account/passkeys.js";
import { password } from "../account/password.js";
import { recoveryCodes } from "../account/recovery-codes.js";
import { fill, h } from "../dom.js";
import { accountPage } from "../sections.js";
import { trying } from "../toasts.js";

export default async function security({ signal }) {
  const factors = h("div");
  const again = trying(() => draw());
  /** After each change: what one factor is tells what the others are for. */
  async function draw() {
    const [state, keys] = await Promise.all([api.get("auth/mfa", { signal }), api.get("auth/mfa/passkeys", { signal })]);
    const focused = factors.contains(document.activeElement) || document.activeElement === document.body;
    const isDrawn = factors.childElementCount > 0;
    fill(factors, authenticator(state, again), passkeys(keys, again), recoveryCodes(state, again));
    if (isDrawn && focused) factors.querySelector("h2").focus();
  }
  await draw(); // throws, and the page is shown as broken; later on, what is there stays
  return accountPage("security", "Security", password(signal), factors);
}
