/** A small picture of a file, fetched while it is in sight and no longer. */
import { h } from "../dom.js";
import { icon, iconOf } from "../icons.js";
import { hasThumbnail, keptThumbnail, thumbnail } from "./thumbnails.js";

const waiting = new WeakMap(); // element → {file, width, fetching}
const seen = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => {
  if (isIntersecting) return start(target);
  waiting.get(target)?.fetching?.abort();
  if (!target.isConnected) seen.unobserve(target);
}));

/** Null for kinds that have none. Until it is here, and where it cannot be made, the icon of the kind. */
export function picture(file, width) {
  if (!hasThumbnail(file)) return null;
  const image = (url) => h("img", { src: url, alt: "", draggable: "false" });
  const url = keptThumbnail(file, width);
  if (url) return image(url);
  const element = h("span", { class: "picture" }, icon(iconOf(file.content_type)));
  waiting.set(element, { show: (found) => element.replaceWith(image(found)), file, width, fetching: null });
  seen.observe(element);
  return element;
}

async function start(element) {
  const asked = waiting.get(element);
  asked.fetching = new AbortController();
  const { signal } = asked.fetching;
  try {
    const url = await thumbnail(asked.file, asked.width, { signal });
    if (!signal.aborted) asked.show(url);
  } catch {
    // Not to be had, or out of sight again: the icon stays.
    if (!signal.aborted) seen.unobserve(element);
  }
}
