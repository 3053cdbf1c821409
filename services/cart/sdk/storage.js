/**
 * Where this device keeps what must outlive the page. A browser's storage may be full, forbidden, or emptied while the
 * page is open: what can't be written is held in memory by all tabs, and written as soon as that works.
 */
export class SafeStorage {
  #real;
  #prefix;
  #on;
  #seen = new Map();
  #held = new Map();
  #noted = [];
  #reason = null;
  #told = null;

  /**
   * `real` is a Storage, or null where there is none. Keys that begin with `prefix` are the client's; those with
   * `prefix` + "cart" can be read again from the service and make room for others. `on` has share(message), for the
   * other tabs, and changed().
   */
  constructor(real, prefix, on) {
    this.#real = real;
    this.#prefix = prefix;
    this.#on = on;
    this.#reason = real === null ? "blocked" : null;
    this.#told = this.durable;
  }

  /** Whether everything that waits would survive the end of the page. */
  get durable() {
    return this.#real !== null && ![...this.#held.keys()].some((at) => !this.#cached(at));
  }

  /** Why it would not: "full", "blocked" (by the browser) or "cleared" (by the shopper, or another script). */
  get reason() {
    return this.durable ? null : this.#reason;
  }

  /** The client's keys that begin with `start`, in order. */
  keys(start) {
    const there = this.#look();
    return [...new Set([...there, ...this.#held.keys()])].filter((at) => at.startsWith(start)).sort();
  }

  getItem(at) {
    if (this.#held.has(at)) return this.#held.get(at);
    const value = this.#tried(() => this.#real.getItem(at));
    if (typeof value === "string") {
      if (!this.#cached(at)) this.#seen.set(at, value);
      return value;
    }
    this.#look();
    return this.#held.get(at) ?? null;
  }

  setItem(at, value) {
    if (!this.#cached(at)) {
      this.#look();
      this.#seen.set(at, value);
      this.#putBack();
    }
    if (this.#write(at, value)) this.#release(at);
    else this.#hold(at, value);
    this.#tell();
  }

  removeItem(at) {
    this.#look();
    this.#drop(at);
    this.#tried(() => this.#real.removeItem(at));
    this.#on.share({ at, value: null });
    if (!this.#cached(at)) this.#putBack();
    this.#tell();
  }

  /** The storage may have been emptied. */
  check() {
    this.#look();
    this.#tell();
  }

  /** What only memory holds, for a tab that has come late. */
  get held() {
    return [...this.#held].map(([at, value]) => ({ at, value }));
  }

  /** Another tab could not write `value`; or has written `at` (undefined), or removed it (null). */
  heard({ at, value }) {
    if (value === null) this.#drop(at);
    else if (value === undefined) this.#held.delete(at);
    else this.#held.set(at, value);
    if (typeof value === "string" && this.#real !== null) this.#reason = "full";
    this.#tell();
  }

  /** Notes what `ours(at, value)` holds of, as this window has seen it: another one may take it for left behind. */
  note(ours) {
    this.#noted = [...this.#seen].filter(([at, value]) => ours(at, value));
  }

  /** Writes what was noted and is gone by now; whether there was any. */
  restore() {
    const gone = this.#noted.filter(([at]) => this.#tried(() => this.#real.getItem(at)) === null);
    this.#noted = [];
    for (const [at, value] of gone) this.setItem(at, value);
    return gone.length > 0;
  }

  #cached(at) {
    return at.startsWith(`${this.#prefix}cart`);
  }

  #ours() {
    const found = [];
    for (let position = 0; position < this.#real.length; position += 1) {
      const at = this.#real.key(position);
      if (at?.startsWith(this.#prefix)) found.push(at);
    }
    return found;
  }

  /** The client's keys in the storage. Where all are gone at once somebody has emptied it, and memory goes on. */
  #look() {
    const found = this.#tried(() => this.#ours()) ?? [];
    const kept = new Set(found);
    const emptied = !found.some((at) => !this.#cached(at));
    for (const [at, value] of this.#seen) {
      if (kept.has(at) || this.#held.has(at)) continue;
      if (!emptied) {
        this.#seen.delete(at); // another tab has removed it
        continue;
      }
      this.#held.set(at, value);
      this.#reason ??= "cleared";
    }
    return found;
  }

  /** True when it is in the storage; what can be read again makes room for what can't. */
  #write(at, value) {
    const write = () => {
      this.#real.setItem(at, value);
      return true;
    };
    if (this.#tried(write)) return true;
    if (this.#cached(at)) return false;
    const room = this.#tried(() => this.#ours().filter((other) => this.#cached(other))) ?? [];
    for (const other of room) this.#tried(() => this.#real.removeItem(other));
    return room.length > 0 && this.#tried(write) === true;
  }

  #hold(at, value) {
    this.#tried(() => this.#real.removeItem(at)); // an older value is not to be found by the next page
    this.#held.set(at, value);
    this.#on.share({ at, value });
  }

  #release(at) {
    if (this.#held.delete(at)) this.#on.share({ at });
  }

  #drop(at) {
    this.#seen.delete(at);
    this.#held.delete(at);
  }

  #putBack() {
    for (const [at, value] of this.#held) {
      if (this.#cached(at)) continue;
      if (!this.#write(at, value)) return;
      this.#seen.set(at, value);
      this.#release(at);
    }
  }

  #tried(work) {
    if (this.#real === null) return undefined;
    try {
      return work();
    } catch (failure) {
      this.#reason = /quota/i.test(failure?.name ?? "") ? "full" : "blocked";
      return undefined;
    }
  }

  #tell() {
    if (this.durable && this.#real !== null) this.#reason = null;
    if (this.durable === this.#told) return;
    this.#told = this.durable;
    this.#on.changed();
  }
}

/** What was stored as JSON; null where there is nothing, or nothing that can be read. */
export function readJson(storage, at) {
  return parsed(storage.getItem(at));
}

/** The same of a text, or of none. */
export function parsed(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

/** The browser's own storage; null where it gives none (blocked cookies, a frame without an origin), and on a server. */
export function pageStorage() {
  if (typeof document === "undefined") return null;
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
