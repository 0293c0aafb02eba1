/** Finds the files in what was dropped or chosen, folders to their ends, one at a time: however many there are, few are held. */

/**
 * `{file, source, handle}` of each, `source` its path in what was dropped. Must be called while the drop is being handled, since what
 * was dropped cannot be reached afterwards; what it answers is read whenever there is room.
 */
export function dropped(transfer) {
  const taken = [...transfer.items].filter((item) => item.kind === "file").map((item) => ({
    handle: item.getAsFileSystemHandle?.().catch(() => null),
    entry: item.webkitGetAsEntry?.(),
    file: item.getAsFile(),
  }));
  return found(taken);
}

async function* found(taken) {
  for (const one of taken) {
    const handle = await one.handle;
    if (handle?.kind) yield* ofHandle(handle, "");
    else if (one.entry) yield* ofEntry(one.entry, "");
    else if (one.file) yield { file: one.file, source: one.file.name, handle: null };
  }
}

async function* ofHandle(handle, before) {
  const source = before + handle.name;
  if (handle.kind === "file") yield* readable(async () => ({ file: await handle.getFile(), source, handle }), source);
  else for await (const child of handle.values()) yield* ofHandle(child, `${source}/`);
}

async function* ofEntry(entry, before) {
  const source = before + entry.name;
  if (entry.isFile) {
    yield* readable(async () => ({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), source, handle: null }), source);
    return;
  }
  const reader = entry.createReader();
  // Each call answers a hundred at most, and none at the end.
  for (let some; (some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))).length > 0; ) {
    for (const child of some) yield* ofEntry(child, `${source}/`);
  }
}

/** One file that may not be read must not keep the others back. */
async function* readable(read, source) {
  const found = await read().catch(() => ({ unreadable: source }));
  yield found;
}

export async function* chosen(files) {
  for (const file of files) yield { file, source: file.webkitRelativePath || file.name, handle: null };
}

export async function* ofHandles(handles) {
  for (const handle of handles) yield* ofHandle(handle, "");
}
