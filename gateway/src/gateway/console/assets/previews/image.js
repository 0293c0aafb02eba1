/** A picture, as large as its preview is; as it was uploaded for whoever asks. */
import { api } from "../api.js";
import { h } from "../dom.js";
import { trying } from "../toasts.js";
import { thumbnail } from "./thumbnails.js";
import { waiting } from "./waiting.js";

export function image(file, signal) {
  return waiting(file, async () => {
    const width = innerWidth * devicePixelRatio > 600 ? 1024 : 512;
    const url = await thumbnail(file, width, { signal });
    return [h("img", { src: url, alt: file.filename }), original(file)];
  }, "of-picture");
}

function original(file) {
  const show = async () => {
    // Opened at once, since browsers let nothing open that was not just clicked for.
    const tab = window.open("about:blank", "_blank");
    if (tab) tab.opener = null;
    const { url } = await api.post(`files/${file.id}/download-url`, { disposition: "inline" }).catch((problem) => {
      tab?.close();
      throw problem;
    });
    if (tab) tab.location.replace(url);
    else location.assign(url);
  };
  return h("p", { class: "hint" }, h("button", { class: "plain", type: "button", onclick: trying(show) }, "Show it in full size"));
}
