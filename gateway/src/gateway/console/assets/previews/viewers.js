/** Which way of looking a kind of file has. */
import { h } from "../dom.js";
import { downloadFile } from "../files/downloading.js";
import { icon, iconOf } from "../icons.js";
import { trying } from "../toasts.js";

const TABLES = new Set(["text/csv", "text/tab-separated-values", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]);
const DOCUMENTS = /^(text\/|message\/rfc822|application\/(json|xml|javascript|toml|yaml|x-yaml|rtf|xhtml\+xml|msword|vnd\.oasis\.opendocument|vnd\.openxmlformats-officedocument))/;

// What says no more than that it is text or an archive is told by its name, as the service does.
const VAGUE = new Set(["application/octet-stream", "application/zip", "application/vnd.ms-excel", "text/plain"]);
const TABLE_NAMES = /\.(csv|tsv|xlsx)$/i;
const DOCUMENT_NAMES = /\.(docx|eml|odt|pptx)$/i;

/** A function of the file and a signal, which answers an element. */
export async function viewerOf({ content_type: declared, filename }) {
  const type = declared.split(";")[0];
  if (TABLES.has(type) || (VAGUE.has(type) && TABLE_NAMES.test(filename))) return (await import("./table.js")).table;
  if (type.startsWith("image/")) return (await import("./image.js")).image;
  if (type === "application/pdf") return (await import("./pdf.js")).pdf;
  if (type.startsWith("audio/") || type.startsWith("video/")) return (await import("./player.js")).player;
  if (DOCUMENTS.test(type) || (VAGUE.has(type) && DOCUMENT_NAMES.test(filename))) return (await import("./text.js")).text;
  return (file) => nothing(file, `Files of this kind (${type}) are not shown here.`);
}

/** Where nothing can be shown: why, and the way to have it anyway. */
export function nothing(file, why) {
  return h("div", { class: "empty" }, icon(iconOf(file.content_type)), h("p", {}, why),
    h("button", { type: "button", onclick: trying(() => downloadFile(file)) }, icon("download"), "Download"));
}
