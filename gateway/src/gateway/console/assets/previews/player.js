/** Sounds and films, played from a signed address, so that they begin at once and can be skipped through. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { nothing } from "./viewers.js";
import { waiting } from "./waiting.js";

const GOOD_FOR = 3600; // seconds, the longest that there is

export function player(file, signal) {
  let since = 0;
  const address = async () => {
    since = Date.now();
    return (await api.post(`files/${file.id}/download-url`, { disposition: "inline", expires_in: GOOD_FOR }, { signal })).url;
  };
  return waiting(file, async () => {
    const kind = file.content_type.startsWith("audio/") ? "audio" : "video";
    const element = h(kind, { controls: true, preload: "metadata", "aria-label": file.filename, src: await address(), playsinline: true });
    element.addEventListener("error", () => {
      // A film may be longer than its address is good for.
      if (Date.now() - since > GOOD_FOR * 900) goOn(element).catch(() => {});
      else element.replaceWith(nothing(file, "This browser cannot play it."));
    });
    signal.addEventListener("abort", () => { element.pause(); element.removeAttribute("src"); element.load(); });
    return element;
  }, "of-film");

  async function goOn(element) {
    const at = element.currentTime;
    element.src = await address();
    element.currentTime = at;
    await element.play();
  }
}
