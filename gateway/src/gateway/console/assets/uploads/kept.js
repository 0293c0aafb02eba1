/**
 * Unfinished uploads, kept in the browser over reloads. Of a file its path, size and date are kept, and its handle where the browser
 * gives one; never its bytes, and nothing that would let anybody in.
 */

const DATABASE = "strongroom-uploads";
const STORE = "unfinished";
const TAB = crypto.getRandomValues(new Uint32Array(4)).join("-");
const LOCK = "strongroom-uploads-of-";

let opening = null;

// Held for as long as this page lives, so that another tab knows whose work goes on and whose was broken off.
navigator.locks?.request(LOCK + TAB, () => new Promise(() => {}));

function opened() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" }).createIndex("owner", "owner");
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function done(mode, work) {
  const transaction = (await opened()).transaction(STORE, mode);
  const request = work(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** Where nothing can be kept, as in some private windows, uploads work all the same, until the page is left. */
const orNothing = (work) => work.catch(() => null);

/** `record` is `{key, owner, path, source, size, modified, upload, replaces, handle}`. */
export function keep(record) {
  return orNothing(done("readwrite", (store) => store.put({ ...record, tab: TAB }))).then((kept) =>
    // Not every handle can be cloned; without it the file is chosen again.
    kept === null && record.handle ? keep({ ...record, handle: null }) : kept);
}

export const forget = (key) => orNothing(done("readwrite", (store) => store.delete(key)));

/** What was broken off, of one account; nothing that another tab is at. */
export async function brokenOff(owner) {
  const records = (await orNothing(done("readonly", (store) => store.index("owner").getAll(owner)))) ?? [];
  const held = (await navigator.locks?.query())?.held.map((lock) => lock.name) ?? [];
  return records.filter((record) => record.tab === TAB || !held.includes(LOCK + record.tab));
}
