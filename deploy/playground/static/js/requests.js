/** An answer that was not a success, with the words of its problem document. */
export class Refused extends Error {
  constructor(status, slug, detail) {
    super(detail);
    this.status = status;
    this.slug = slug;
  }
}

/** A name for one intention, so that sending it again does nothing twice. Outside of https there is no randomUUID. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends JSON and returns the parsed answer; writes are sent once more, under the same key, if the line breaks. */
export async function request(method, url, { body, headers = {} } = {}) {
  const sent = { Accept: "application/json", ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  if (method !== "GET") sent["Idempotency-Key"] = newKey();
  const options = { method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" };
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    try {
      response = await fetch(url, options);
    } catch {
      throw new Refused(0, "unreachable", "The shop cannot be reached just now.");
    }
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) {
    const slug = String(answer?.type ?? "").split(":").pop();
    const faults = (answer?.errors ?? []).map((fault) => `${fault.pointer}: ${fault.detail}`).join("; ");
    throw new Refused(response.status, slug, faults || answer?.detail || answer?.title || `The answer was ${response.status}.`);
  }
  return answer;
}
