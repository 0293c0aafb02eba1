/** What is in a folder, or what a search finds, as a paged source: folders first, then files. */
import { api } from "../api.js";
import { newFolders } from "./new-folders.js";
import { PagedSource } from "./paged-source.js";
import { nameOf } from "./place.js";

const FILES = { stage: "files", cursor: null };
const FOLDERS = { stage: "folders", cursor: null };

export const fileItem = (file) => ({ ...file, key: file.id, kind: "file" });
export const folderItem = ({ path, isNew = false }) => ({ path, isNew, filename: nameOf(path), key: `${path}/`, kind: "folder" });

export function listing(place, signal) {
  const isFound = Boolean(place.q || place.tag);
  const fetch = (at, limit, aborting) => (at.stage === "folders" ? folders(place, at, limit, aborting) : files(place, at, limit, aborting));
  return new PagedSource(fetch, isFound ? FILES : FOLDERS, signal);
}

async function folders({ folder }, { cursor }, limit, signal) {
  const answer = await api.get("files/folders", { query: { prefix: folder, limit, cursor }, signal });
  const made = cursor ? [] : newFolders.in(folder, answer.items);
  const items = [...made, ...answer.items].map(folderItem);
  return { items, next: answer.next_cursor ? { stage: "folders", cursor: answer.next_cursor } : FILES };
}

async function files({ folder, q, tag, sort }, { cursor }, limit, signal) {
  const where = q || tag ? { q, tag, prefix: folder && `${folder}/` } : { folder };
  const url = { ...where, sort: sort ?? (tag && !q ? "name" : null), limit, cursor };
  const answer = await api.get(`files${folder || q || tag ? "" : "?folder="}`, { query: url, signal });
  return { items: answer.items.map(fileItem), next: answer.next_cursor ? { stage: "files", cursor: answer.next_cursor } : null };
}

/** What is in the trash, what went there last first. */
export function trashed(signal) {
  const fetch = async ({ cursor }, limit, aborting) => {
    const answer = await api.get("files", { query: { trashed: true, limit, cursor }, signal: aborting });
    return { items: answer.items.map(fileItem), next: answer.next_cursor ? { stage: "files", cursor: answer.next_cursor } : null };
  };
  return new PagedSource(fetch, FILES, signal);
}

/** The first of the folders in a folder, to choose among. */
export async function listedFolders(folder, signal) {
  const { items, next } = await folders({ folder }, { cursor: null }, 500, signal);
  return { items, isAll: next === FILES };
}
