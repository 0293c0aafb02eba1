/** Paths of files on their way. */

/** Where a file goes: `relative` is its path in what was dropped. Names that the service has no room for, it refuses itself. */
export const within = (folder, relative) => [...folder.split("/"), ...relative.split("/")].filter(Boolean).join("/").normalize("NFC");

export const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);

/** `plan.pdf` as `plan (2).pdf`; a name that has a number already keeps what it says. */
export function numbered(path, count) {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return `${path.slice(0, path.length - name.length)}${stem} (${count})${dot > 0 ? name.slice(dot) : ""}`;
}

/** Whether the file chosen now, by its path in what was chosen, is the one that an upload to `path` was of. */
export const isSame = (record, file, relative) =>
  record.size === file.size && record.modified === file.lastModified && `/${record.source}`.endsWith(`/${relative}`);
