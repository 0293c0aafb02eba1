/** Calls to the services, as whoever is signed in. */
import { Problem, isAbort } from "./problem.js";
import { session } from "./session.js";
import { pause } from "./dom.js";

/** The address of a path of the API, below whatever prefix this page was loaded from. */
export function address(path, query = {}) {
  const url = new URL(path, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") url.searchParams.append(name, one);
    }
  }
  return url;
}

/** The path of a folder, each of its names encoded. */
export const encoded = (path) => path.split("/").map(encodeURIComponent).join("/");

/** The Response of a call that was not refused; else a Problem is thrown. `json` is sent as such. */
export async function send(method, path, { query, json, body, headers = {}, signal, anonymous = false } = {}) {
  const url = address(path, query);
  const sent = json === undefined ? body : JSON.stringify(json);
  if (json !== undefined) headers = { "Content-Type": "application/json", ...headers };
  for (let renewed = false; ; renewed = true) {
    const credentials = anonymous ? {} : { Authorization: `Bearer ${await session.token()}` };
    const response = await fetch(url, { method, body: sent, headers: { ...headers, ...credentials }, signal }).catch(unreached);
    if (response.ok) return response;
    // A token may have been revoked before its time; the cookie says whether the session was, too.
    if (response.status !== 401 || anonymous || renewed) throw await Problem.of(response);
    await session.renew();
  }
}

function unreached(error) {
  throw isAbort(error) ? error : Problem.unreachable();
}

/** What a call answers, as data; null where it answers nothing. */
async function called(method, path, options) {
  const response = await send(method, path, options);
  return response.status === 204 ? null : response.json().catch(unreached); // cut on the way
}

export const api = {
  get: (path, options) => called("GET", path, options),
  post: (path, json, options) => called("POST", path, { json, ...options }),
  put: (path, json, options) => called("PUT", path, { json, ...options }),
  patch: (path, json, options) => called("PATCH", path, { json, ...options }),
  delete: (path, options) => called("DELETE", path, options),
};

/** Asks again while what is inside a file is still being read (409), for as long as somebody looks at it. */
export async function whenRead(work, signal) {
  for (let wait = 300; ; wait = Math.min(wait * 1.6, 5000)) {
    try {
      return await work();
    } catch (problem) {
      if (problem.slug !== "not-derived-yet") throw problem;
    }
    await pause(wait, signal);
  }
}

/** Every item of a keyset-paged list, page by page. */
export async function* items(path, { query = {}, signal } = {}) {
  for (let cursor; cursor !== null; ) {
    const page = await api.get(path, { query: { limit: 100, ...query, cursor }, signal });
    yield* page.items;
    cursor = page.next_cursor;
  }
}
