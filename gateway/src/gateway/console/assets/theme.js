/** Light or dark: what the system says, or what was chosen here. */
import { remembered } from "./remembered.js";

const KEY = "strongroom-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

export const theme = () => remembered.get(KEY) ?? (dark.matches ? "dark" : "light");

export function applyTheme() {
  document.documentElement.dataset.theme = theme();
}

/** To the other one; back to what the system says where that is the same. */
export function switchTheme() {
  const wanted = theme() === "dark" ? "light" : "dark";
  if ((wanted === "dark") === dark.matches) remembered.forget(KEY);
  else remembered.set(KEY, wanted);
  applyTheme();
}

dark.addEventListener("change", applyTheme);
addEventListener("storage", (event) => event.key === KEY && applyTheme());
