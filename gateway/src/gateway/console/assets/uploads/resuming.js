/** Goes on with what was broken off: by its handle where the browser kept one, else by the file chosen again. */
import { tell } from "../toasts.js";
import { inputFiles } from "./inputs.js";

/** The file, or null where it was refused, not chosen, or another one. */
export async function fileAgain(item) {
  const file = item.handle ? await byHandle(item.handle) : (await inputFiles())[0];
  if (!file) return null;
  if (file.size === item.size && file.lastModified === item.modified) return file;
  tell(`That is not ${item.name} as it was when its upload began. Cancel that one and upload this anew`, { kind: "failed" });
  return null;
}

async function byHandle(handle) {
  try {
    if ((await handle.queryPermission({ mode: "read" })) !== "granted" && (await handle.requestPermission({ mode: "read" })) !== "granted") return null;
    return await handle.getFile();
  } catch {
    // Moved or deleted: it may be elsewhere.
    return (await inputFiles())[0];
  }
}
