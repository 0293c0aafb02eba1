/** Sends bytes as whoever is signed in, and tells how many have gone, which fetch() does not. */
import { Problem } from "../problem.js";
import { session } from "../session.js";

const NO_BODY = [204, 205, 304];

/** The Response of what was not refused; else a Problem is thrown. `sent(bytes)` is called as they go. */
export async function sendBytes(method, url, { headers = {}, body = null, signal, sent }) {
  for (let renewed = false; ; renewed = true) {
    const credentials = { Authorization: `Bearer ${await session.token()}` };
    signal?.throwIfAborted();
    const response = await exchange(method, url, { headers: { ...headers, ...credentials }, body, signal, sent });
    if (response.ok) return response;
    if (response.status !== 401 || renewed) throw await Problem.of(response);
    await session.renew();
  }
}

function exchange(method, url, { headers, body, signal, sent }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => { request.abort(); reject(signal.reason); };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    // A listener makes the browser count, which is for those alone who want to know.
    if (sent) request.upload.onprogress = (event) => sent(event.loaded);
    request.onload = () => resolve(answerOf(request));
    request.onerror = request.ontimeout = () => reject(Problem.unreachable());
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, { once: true });
    request.send(body);
  });
}

function answerOf(request) {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().trim().split(/\r\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return new Response(NO_BODY.includes(request.status) ? null : request.responseText, { status: request.status, headers });
}
