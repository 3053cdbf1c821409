/**
 * Commands that the cart service has not answered yet, in their order, over reloads and in all tabs.
 *
 * Each command has a key of its own in the storage: tabs add and remove at once without ever writing over each other.
 */
export class Queue {
  constructor(storage, prefix) {
    this.storage = storage;
    this.prefix = `${prefix}q.`;
    this.last = "";
  }

  /** Puts a command at the end. Throws what the storage throws when it is full. */
  add(command) {
    const at = `${this.prefix}${this.#place()}-${command.id}`;
    this.storage.setItem(at, JSON.stringify(command));
  }

  /** All of them, the oldest first. */
  all() {
    return this.#places().map((at) => readJson(this.storage, at)).filter((command) => command !== null);
  }

  head() {
    return this.all()[0] ?? null;
  }

  remove(command) {
    for (const at of this.#places()) if (at.endsWith(`-${command.id}`)) this.storage.removeItem(at);
  }

  clear() {
    for (const at of this.#places()) this.storage.removeItem(at);
  }

  #places() {
    const found = [];
    for (let position = 0; position < this.storage.length; position += 1) {
      const at = this.storage.key(position);
      if (at?.startsWith(this.prefix)) found.push(at);
    }
    return found.sort();
  }

  /** After every place that is taken, also where the clock was set back. */
  #place() {
    const taken = this.#places().pop()?.slice(this.prefix.length, this.prefix.length + 11) ?? "";
    const before = taken > this.last ? taken : this.last;
    const now = Date.now().toString(36).padStart(11, "0");
    this.last = now > before ? now : (parseInt(before, 36) + 1).toString(36).padStart(11, "0");
    return this.last;
  }
}

/** What was stored as JSON; null where there is nothing, or nothing that can be read. */
export function readJson(storage, at) {
  try {
    return JSON.parse(storage.getItem(at) ?? "null");
  } catch {
    return null;
  }
}

/** Storage for where the browser allows none (private windows of some, blocked cookies): lost with the page. */
export function memoryStorage() {
  const kept = new Map();
  return {
    get length() { return kept.size; },
    key: (position) => [...kept.keys()][position] ?? null,
    getItem: (at) => kept.get(at) ?? null,
    setItem: (at, value) => { kept.set(at, String(value)); },
    removeItem: (at) => { kept.delete(at); },
  };
}

/** The browser's storage, or one in memory. */
export function usableStorage() {
  try {
    const probe = "evercart.probe";
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    return memoryStorage();
  }
}
