/**
 * Who is signed in. The access token lives in this module's memory and nowhere else; the refresh token is a cookie that no script
 * can read, sent to the token endpoint alone.
 */
import { Problem } from "./problem.js";

const CLIENT = "strongroom-console";
const EARLY = 30_000; // milliseconds before its end that a token is renewed
const channel = new BroadcastChannel("strongroom-session");

let token = null;
let endsAt = 0;
let renewing = null;

const at = (path) => new URL(path, document.baseURI);
const unreached = () => { throw Problem.unreachable(); };

async function ask(fields) {
  const body = new URLSearchParams({ client_id: CLIENT, ...fields });
  const response = await fetch(at("auth/token"), { method: "POST", body }).catch(unreached);
  if (!response.ok) throw await Problem.of(response);
  const answer = await response.json();
  token = answer.access_token;
  endsAt = Date.now() + answer.expires_in * 1000;
}

/** One tab after the other: each use of the cookie replaces it. */
function alone(work) {
  return navigator.locks ? navigator.locks.request("strongroom-renewal", work) : work();
}

function renew() {
  renewing ??= alone(() => ask({ grant_type: "refresh_token" })).then(requireSamePerson).finally(() => { renewing = null; });
  return renewing;
}

/** The tabs share the cookie. Where another one has signed in somebody else, nothing of who was here before goes on in their name. */
function requireSamePerson() {
  if (!session.isOpen || claims().sub === session.me.id) return;
  session.forget();
  setTimeout(() => session.resume().catch(() => {}));
  throw new DOMException("Somebody else has signed in", "AbortError");
}

const deleted = (id) => fetch(at(`auth/sessions/${id}`), { method: "DELETE", headers: bearer() }).catch(unreached);
const bearer = () => ({ Authorization: `Bearer ${token}` });

function claims() {
  const text = atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
  return JSON.parse(text);
}

/** There is no session, and trying again is no use. */
const isRefusal = ({ status }) => status >= 400 && status < 500 && status !== 429;

class Session extends EventTarget {
  /** The person as `GET /auth/profile` tells, or null. */
  me = null;

  get isOpen() {
    return this.me !== null;
  }

  /** Whether the token allows it. The services decide; this is for what to show. */
  may(scope) {
    return token !== null && claims().scope.split(" ").includes(scope);
  }

  /** The id of this session among the person's, as in `/auth/sessions/{id}`. */
  get id() {
    return token && claims().sid;
  }

  /** Signed in from before? Throws a Problem where the server cannot say. */
  async resume() {
    try {
      await renew();
      await this.reload();
    } catch (problem) {
      token = null;
      if (!isRefusal(problem)) throw problem;
    }
  }

  /**
   * `fields` of the token endpoint: a password, a second factor, a passkey. Throws a Problem; its slug is `mfa_required` where a
   * second factor is needed.
   */
  async signIn(fields) {
    await ask(fields);
    await this.reload();
    channel.postMessage("signed-in");
  }

  /** Asks anew who this is, after something about them was changed. */
  async reload() {
    const response = await fetch(at("auth/profile"), { headers: bearer() }).catch(unreached);
    if (!response.ok) throw await Problem.of(response);
    this.me = await response.json();
    this.#tell();
  }

  /** A token that is good for a while. Throws a Problem, having signed out, where there can be none. */
  async token() {
    if (!token || Date.now() > endsAt - EARLY) await this.renew();
    return token;
  }

  async renew() {
    try {
      await renew();
    } catch (problem) {
      if (isRefusal(problem)) this.forget();
      throw problem;
    }
  }

  /** Throws a Problem where the server cannot be told, and nobody is signed out: the cookie would sign in again. */
  async signOut() {
    await this.#end().catch((problem) => { if (this.isOpen) throw problem; });
    this.forget();
    channel.postMessage("signed-out");
  }

  async #end() {
    // With a token that has expired, as after a night's sleep, nothing would be ended.
    await this.token();
    let response = await deleted(this.id);
    if (response.status === 401) {
      await this.renew();
      response = await deleted(this.id);
    }
    if (!response.ok && response.status !== 404) throw await Problem.of(response);
  }

  /** As if nobody had ever signed in here. */
  forget() {
    token = null;
    this.me = null;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

export const session = new Session();

channel.addEventListener("message", ({ data }) => {
  if (data === "signed-out" && session.isOpen) session.forget();
  if (data !== "signed-in") return;
  if (session.isOpen) session.renew().catch(() => {}); // as whoever it is now
  else session.resume().catch(() => {});
});
