/**
 * The tabs of one browser share one stream and one sender: browsers allow six connections to a host, and a queue must be
 * emptied by one. Whichever tab the shopper looks at leads, because a browser may put the others to sleep.
 */
export class Tabs {
  /** `heard(message)` gets what other tabs say; `lead(boolean)` tells whether this tab leads. */
  constructor(name, heard, lead) {
    this.name = name;
    this.lead = lead;
    this.leading = false;
    this.channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(name) : null;
    if (this.channel) this.channel.onmessage = (event) => heard(event.data);
    this.locks = globalThis.navigator?.locks ?? null; // https and localhost only
    this.waiting = null;
    this.release = () => {};
    this.open = true;
    this.shown = () => document.visibilityState === "visible" && this.#take(true);
    this.left = () => this.#yield();
    this.back = (event) => event.persisted && this.#take(true);
  }

  start() {
    document.addEventListener("visibilitychange", this.shown);
    addEventListener("pagehide", this.left);
    addEventListener("pageshow", this.back);
    this.#take(document.visibilityState === "visible");
  }

  say(message) {
    this.channel?.postMessage(message);
  }

  close() {
    this.open = false;
    document.removeEventListener("visibilitychange", this.shown);
    removeEventListener("pagehide", this.left);
    removeEventListener("pageshow", this.back);
    this.#yield();
    this.channel?.close();
  }

  /** Without locks every tab leads: keys make what is sent twice count once. */
  #take(now) {
    if (this.leading) return;
    if (!this.locks) {
      this.#become(true);
      return;
    }
    this.waiting?.abort();
    const waiting = new AbortController();
    this.waiting = waiting;
    const options = now ? { steal: true } : { signal: waiting.signal };
    const held = () =>
      new Promise((resolve) => {
        if (waiting.signal.aborted) return resolve();
        this.release = resolve;
        this.#become(true);
      });
    this.locks.request(this.name, options, held).catch(() => this.#lost(waiting));
  }

  /** Another tab has taken the lead: waits for its end. */
  #lost(waiting) {
    if (waiting.signal.aborted || waiting !== this.waiting) return;
    this.#become(false);
    if (this.open) this.#take(false);
  }

  #yield() {
    this.waiting?.abort();
    this.release();
    this.#become(false);
  }

  #become(leading) {
    if (this.leading === leading) return;
    this.leading = leading;
    this.lead(leading);
  }
}
