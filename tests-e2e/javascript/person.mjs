// Somebody with an account at a browser: it keeps cookies, follows redirects and fills in the forms of our pages.

const CHARACTERS = { amp: "&", lt: "<", gt: ">", "#34": '"', "#39": "'" };

const text = (encoded) => encoded.replace(/&(#?\w+);/g, (_, name) => CHARACTERS[name]);

const attributes = (tag) =>
  Object.fromEntries([...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, text(value)]));

const tags = (page, name) => [...page.matchAll(new RegExp(`<${name}\\b[^>]*>`, "g"))].map(([tag]) => attributes(tag));

export class Person {
  #cookies = new Map();
  #known;

  constructor(email, password) {
    this.#known = { username: email, password };
  }

  /** Signs in if asked to and presses `step`; answers the address that the app is sent the answer to. */
  async follow(link, step = "allow") {
    let at = new URL(link);
    let answer = await this.#send(at);
    for (let i = 0; i < 6; i++) {
      if (answer.status === 303) {
        const target = new URL(answer.headers.get("location"), at);
        if (target.origin !== at.origin) return target;
        at = target;
        answer = await this.#send(at);
      } else {
        [at, answer] = await this.#fillIn(at, answer, step);
      }
    }
    throw new Error("redirected in circles");
  }

  async #fillIn(at, answer, step) {
    const page = await answer.text();
    if (answer.status !== 200) throw new Error(page);
    const fields = Object.fromEntries(tags(page, "input").map(({ name, value }) => [name, value ?? ""]));
    if ("password" in fields) Object.assign(fields, this.#known);
    else if (tags(page, "button").some((button) => button.value === step)) fields.step = step;
    else throw new Error(page);
    const target = new URL(tags(page, "form")[0].action, at);
    return [target, await this.#send(target, { method: "POST", body: new URLSearchParams(fields) })];
  }

  async #send(address, options = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(address, { ...options, headers: { cookie }, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      this.#cookies.set(name, value);
    }
    return answer;
  }
}

/** The address as somebody in between would have it: `changes` name parameters and their values, or null for none. */
export function altered(back, changes) {
  const other = new URL(back);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) other.searchParams.delete(name);
    else other.searchParams.set(name, value);
  }
  return other;
}
