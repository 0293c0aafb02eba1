/** A refusal, of whichever kind: problem+json (RFC 9457), an OAuth error (RFC 6749 §5.2), or no answer at all. */

export class Problem extends Error {
  /** `slug` never changes and is what to decide by; `message` is for people; `status` is 0 where nobody answered. */
  constructor(status, body = {}, headers = new Headers()) {
    super(body.detail ?? body.error_description ?? body.title ?? `The server answered ${status}`);
    this.status = status;
    this.body = body;
    this.slug = body.error ?? (body.type ?? "").split(":").pop();
    this.retryAfter = Number(headers.get("Retry-After")) || null;
  }

  static async of(response) {
    const type = response.headers.get("Content-Type") ?? "";
    const body = type.includes("json") ? await response.json().catch(() => ({})) : {};
    return new Problem(response.status, body, response.headers);
  }

  static unreachable() {
    return new Problem(0, { title: "The server cannot be reached. Is there a connection?", error: "unreachable" });
  }
}

/** Whether it is only that a page was left, or somebody cancelled. */
export const isAbort = (error) => error?.name === "AbortError";
