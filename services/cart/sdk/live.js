import { backOff, CartProblem, problemOf } from "./http.js";

const SILENCE_MS = 40_000;

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
    let attempt = 0;
    while (!running.signal.aborted) {
      const began = Date.now();
      let atLeastMs = 0;
      try {
        await this.#listen(running.signal);
        attempt = Date.now() - began > 5000 ? 0 : attempt + 1;
      } catch (failure) {
        if (running.signal.aborted) return;
        attempt += 1;
        atLeastMs = failure.retryAfterMs ?? 0;
        if (failure instanceof CartProblem && !failure.temporary) {
          this.running = null;
          this.on.problem(failure);
          return;
        }
      } finally {
        if (!running.signal.aborted) this.on.open(false);
      }
      await this.#pause(backOff(attempt, atLeastMs), running.signal);
    }
  }

  async #listen(signal) {
    const { url, headers, credentials } = await this.request();
    const quiet = new AbortController();
    const end = () => quiet.abort();
    signal.addEventListener("abort", end);
    let timer = setTimeout(end, SILENCE_MS);
    try {
      const response = await fetch(url, {
        headers: { Accept: "text/event-stream", ...headers }, cache: "no-store", credentials, signal: quiet.signal,
      });
      if (!response.ok) throw await problemOf(response);
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
      if (this.event.data !== undefined) this.heard({ type: this.event.event ?? "message", id: this.event.id, data: this.event.data });
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
