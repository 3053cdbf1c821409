import { parsed, readJson } from "./storage.js";

/**
 * Commands that the cart service has not answered yet, in their order, over reloads and in all tabs.
 *
 * Each command has a key of its own in the storage: tabs add and remove at once without ever writing over each other.
 * A window sees those of whoever shops in it: `owner()` is the customer's id, or null for a guest.
 */
export class Queue {
  constructor(storage, prefix, owner) {
    this.storage = storage;
    this.prefix = `${prefix}q.`;
    this.owner = owner;
    this.last = "";
  }

  /** Puts a command at the end. */
  add(command) {
    const at = `${this.prefix}${this.#place()}-${command.id}`;
    this.storage.setItem(at, JSON.stringify(command));
  }

  /** All of them, the oldest first. What a guest did before a log-in goes along with it. */
  all() {
    const commands = this.#places().map((at) => readJson(this.storage, at)).filter((command) => command !== null);
    const owner = this.owner();
    const claimed = commands.findIndex((command) => command.kind === "claim" && command.owner === owner);
    return commands.filter((command, place) => command.owner === owner || (command.owner === null && place < claimed));
  }

  /** Whether a guest's commands wait, who may be the one of another window. */
  get guests() {
    return this.#places().some((at) => readJson(this.storage, at)?.owner === null);
  }

  /** Whether a text that is stored under a key is a command of whoever shops here. */
  holds(at, value) {
    return at.startsWith(this.prefix) && parsed(value)?.owner === this.owner();
  }

  head() {
    return this.all()[0] ?? null;
  }

  remove(command) {
    for (const at of this.#places()) if (at.endsWith(`-${command.id}`)) this.storage.removeItem(at);
  }

  #places() {
    return this.storage.keys(this.prefix);
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
