import { backOff, CartProblem, problemOf } from "./http.js";

const SILENCE_MS = 40_000;
const LONG_MS = 5000;

/**
 * Server-sent events read with fetch, because EventSource sends no headers. Comes back by itself, with the id of the
 * last state that is known, so that it gets only what is news.
 */
export class Live {
  /** `request()` gives {url, headers, credentials}; `on` has state(cart, etag), open(boolean) and problem(CartProblem). */
  constructor(request, on) {
    this.request = request;
    this.on = on;
    this.running = null;
    this.openedAt = Infinity;
    this.retryMs = 2000;
    this.wake = () => {};
  }

  start() {
    if (this.running) return;
    this.running = new AbortController();
    this.#run(this.running);
  }

  stop() {
    this.running?.abort();
    this.running = null;
    this.wake();
    this.on.open(false);
  }

  /** Another shopper, or a network that is back. */
  restart() {
    if (!this.running) return;
    this.stop();
    this.start();
  }

  async #run(running) {
    const { signal } = running;
    let attempt = 0;
    while (!signal.aborted) {
      this.openedAt = Infinity;
      const failure = await this.#listen(signal).catch((problem) => problem);
      if (signal.aborted) return;
      this.on.open(false);
      if (failure instanceof CartProblem && !failure.temporary) {
        this.running = null;
        this.on.problem(failure);
        return;
      }
      const lasted = Date.now() - this.openedAt > LONG_MS;
      attempt = lasted ? 0 : attempt + 1;
      // a server that stops ends all of its streams at once: who read them comes back one by one
      await this.#pause(lasted ? Math.random() * this.retryMs : backOff(attempt, failure?.retryAfterMs), signal);
    }
  }

  async #listen(signal) {
    const { url, headers, credentials } = await this.request();
    signal.throwIfAborted(); // stopped meanwhile: nothing would end the stream any more
    const quiet = new AbortController();
    const end = () => quiet.abort();
    signal.addEventListener("abort", end);
    let timer = setTimeout(end, SILENCE_MS);
    try {
      const response = await fetch(url, {
        headers: { Accept: "text/event-stream", ...headers }, cache: "no-store", credentials, signal: quiet.signal,
      });
      if (!response.ok) throw await problemOf(response);
      this.openedAt = Date.now();
      this.on.open(true);
      const reader = response.body.getReader();
      const parser = new EventParser((event) => this.#heard(event));
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(end, SILENCE_MS);
        parser.feed(value);
      }
    } finally {
      clearTimeout(timer);
      end();
      signal.removeEventListener("abort", end);
    }
  }

  #heard(event) {
    if (event.retry > 0) this.retryMs = Number(event.retry);
    if (event.type !== "cart") return;
    this.on.state(JSON.parse(event.data), event.id);
  }

  #pause(ms, signal) {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** The text/event-stream of the HTML standard, as far as this API uses it. */
export class EventParser {
  constructor(heard) {
    this.heard = heard;
    this.decoder = new TextDecoder();
    this.rest = "";
    this.event = {};
  }

  feed(bytes) {
    const lines = (this.rest + this.decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r(?=.)/);
    this.rest = lines.pop();
    for (const line of lines) this.#line(line);
  }

  #line(line) {
    if (line === "") {
      const { event: type = "message", id, data, retry } = this.event;
      if (data !== undefined || retry !== undefined) this.heard({ type: data === undefined ? "retry" : type, id, data, retry });
      this.event = {};
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    this.event[name] = name === "data" && this.event.data !== undefined ? `${this.event.data}\n${value}` : value;
  }
}
