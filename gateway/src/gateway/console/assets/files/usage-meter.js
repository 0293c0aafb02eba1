/** How much of the quota is used, below the navigation; asked anew a while after something has changed. */
import { meter as usage } from "../account/usage.js";
import { api } from "../api.js";
import { debounced, fill } from "../dom.js";
import { live } from "../live.js";
import { session } from "../session.js";
import { meter } from "../shell.js";

const load = () => api.get("files/usage").then((now) => session.isOpen && fill(meter, usage(now))).catch(() => {});

export function showUsage(signal) {
  const soon = debounced(load, 1500);
  live.addEventListener("event", soon, { signal });
  load();
}
