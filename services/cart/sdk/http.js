/** A request that was refused or did not arrive; the words are those of the API's problem document (RFC 9457). */
export class CartProblem extends Error {
  /** @param {number} status 0 where nothing answered @param {string} slug the end of the problem's `type` */
  constructor(status, slug, detail, body = null, retryAfterMs = 0) {
    super(detail);
    this.name = "CartProblem";
    this.status = status;
    this.slug = slug;
    this.body = body;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later. A request in flight is one of our own, sent before. */
  get temporary() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500 || this.slug === "request-in-flight";
  }
}

const TIMEOUT_MS = 15_000;

/** A name for one intention, so that sending it again does nothing twice. Outside of https there is no randomUUID. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends JSON; gives the parsed answer and its entity tag. Throws CartProblem. */
export async function call(method, url, { body, headers = {}, signal, timeoutMs = TIMEOUT_MS, credentials = "omit" } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  const ending = endingWith(signal, timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers: sent,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials,
      signal: ending.signal,
    });
    if (!response.ok) throw await problemOf(response);
    const answer = response.status === 204 ? null : await response.json();
    return { answer, etag: response.headers.get("ETag") };
  } catch (failure) {
    throw failure instanceof CartProblem ? failure : unreachable();
  } finally {
    ending.clear();
  }
}

export function unreachable() {
  return new CartProblem(0, "unreachable", "The cart cannot be reached just now.");
}

/** The refusal that an answer tells of. */
export async function problemOf(response) {
  const body = await response.json().catch(() => null);
  const slug = String(body?.type ?? "").split(":").pop();
  const faults = (body?.errors ?? []).map((fault) => `${fault.pointer}: ${fault.detail}`).join("; ");
  const words = faults || body?.detail || body?.title || `The answer was ${response.status}.`;
  const seconds = Number(response.headers.get("Retry-After"));
  return new CartProblem(response.status, slug, words, body, seconds > 0 ? seconds * 1000 : 0);
}

/** Aborts with the outer signal or after a while. */
export function endingWith(signal, afterMs) {
  const inner = new AbortController();
  const end = () => inner.abort();
  const timer = setTimeout(end, afterMs);
  if (signal?.aborted) end();
  signal?.addEventListener("abort", end);
  const clear = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  };
  return { signal: inner.signal, clear };
}

const FIRST_MS = 400;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next attempt: doubling, and spread, so that a thousand devices do not come at once. Also
 * where the service has said `atLeastMs`, which it says to all of them.
 */
export function backOff(attempt, atLeastMs = 0) {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return atLeastMs > 0 ? atLeastMs + Math.random() * Math.max(full, atLeastMs / 2) : full * (0.5 + Math.random() / 2);
}
