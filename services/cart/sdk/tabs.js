const ANSWER_MS = 250;

/** Whether this is a page that somebody looks at, and not a server that renders one. */
export const inPage = typeof document !== "undefined";

/**
 * The tabs of one browser in which the same shopper is share one stream and one sender: browsers allow six connections
 * to a host, and a queue must be emptied by one. Whichever tab the shopper looks at leads, because a browser may put the
 * others to sleep. Each shopper has a lead of its own: a guest's window takes nothing from that of a customer.
 */
export class Tabs {
  /**
   * `base` names the store's locks. `on` has heard(message) for what other tabs say, lead(boolean) for whether this tab
   * leads, able() for whether it could do so for its shopper, and asked() when another window asks who shops here.
   */
  constructor(base, owner, on) {
    this.base = `${base}lead/`;
    this.owner = owner;
    this.on = on;
    this.leading = false;
    this.channel = inPage ? newChannel(base) : null;
    if (this.channel) this.channel.onmessage = (event) => this.#heard(event.data);
    this.locks = inPage ? globalThis.navigator?.locks ?? null : null; // https and localhost only
    this.waiting = null;
    this.release = () => {};
    this.answers = null;
    this.open = false;
    this.shown = () => document.visibilityState === "visible" && this.#take(true);
    this.left = () => this.#yield();
    this.back = (event) => event.persisted && this.#take(true);
  }

  start() {
    this.open = true;
    if (inPage) {
      document.addEventListener("visibilitychange", this.shown);
      addEventListener("pagehide", this.left);
      addEventListener("pageshow", this.back);
    }
    this.#take(!inPage || document.visibilityState === "visible");
  }

  /** Another shopper in this window. */
  move(owner) {
    this.#yield();
    this.owner = owner;
    if (this.open) this.#take(!inPage || document.visibilityState === "visible");
  }

  /**
   * There is something to be sent or heard, and nobody who leads is known to hear: the lead may have gone to a window
   * that the browser has put to sleep.
   */
  need() {
    if (this.open && inPage && document.visibilityState === "visible") this.#take(true);
  }

  say(message) {
    this.channel?.postMessage({ ...message, owner: message.owner === undefined ? this.owner : message.owner });
  }

  /** Who shops in the browser's other windows: ids of customers, null for guests. */
  async others() {
    const found = await this.#locked().catch(() => null);
    return found ?? this.#asked();
  }

  close() {
    this.open = false;
    if (inPage) {
      document.removeEventListener("visibilitychange", this.shown);
      removeEventListener("pagehide", this.left);
      removeEventListener("pageshow", this.back);
    }
    this.#yield();
    this.channel?.close();
    this.channel = null;
  }

  /** Each window holds its shopper's lock, or waits for it. */
  async #locked() {
    if (!this.locks) return null;
    const { held, pending } = await this.locks.query();
    const names = [...held, ...pending].map(({ name }) => name).filter((name) => name.startsWith(this.base));
    const own = this.waiting ? names.indexOf(this.#lock) : -1;
    if (own >= 0) names.splice(own, 1);
    return new Set(names.map((name) => name.slice(this.base.length) || null));
  }

  /** Where there are no locks the windows say so themselves. */
  async #asked() {
    this.answers = new Set();
    if (this.channel) {
      this.say({ type: "who" });
      await new Promise((resolve) => { setTimeout(resolve, ANSWER_MS); });
    }
    return this.answers;
  }

  #heard(message) {
    if (message.type === "here") this.answers?.add(message.owner);
    else if (message.type !== "who") this.on.heard(message);
    else if (this.open) {
      this.on.asked();
      this.say({ type: "here" });
    }
  }

  get #lock() {
    return this.base + (this.owner ?? "");
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
    const options = now && this.on.able() ? { steal: true } : { signal: waiting.signal };
    const held = () =>
      new Promise((resolve) => {
        if (waiting.signal.aborted) return resolve();
        this.release = resolve;
        this.#become(true);
      });
    this.locks.request(this.#lock, options, held).catch((failure) => this.#lost(waiting, failure));
  }

  /** Another tab has taken the lead: waits for its end. */
  #lost(waiting, failure) {
    if (waiting.signal.aborted || waiting !== this.waiting) return;
    this.#become(false);
    if (failure.name !== "AbortError") this.locks = null; // the browser refuses them here
    if (this.open) this.#take(false);
  }

  #yield() {
    this.waiting?.abort();
    this.waiting = null;
    this.release();
    this.release = () => {};
    this.#become(false);
  }

  #become(leading) {
    if (this.leading === leading) return;
    this.leading = leading;
    this.on.lead(leading);
  }
}

/** Null where the browser has none, or refuses one. */
function newChannel(name) {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}
