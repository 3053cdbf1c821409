/**
 * What a page can ask of a cart. Commands are shown at once and queued; each gives a promise of the cart once the
 * service has taken it, which is refused with a CartProblem where the service refuses. Nobody has to wait for it.
 */
export class Surface extends EventTarget {
  /** Listens to one of the events of evercart.d.ts; gives a function that ends it. */
  on(type, listener) {
    const heard = (event) => listener(event.detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  add({ quantity = 1, ...item }) { return this.perform({ kind: "add", item, quantity }); }
  set(line, quantity) { return this.perform({ kind: "set", line: this.#ref(line), quantity }); }
  remove(line) { return this.perform({ kind: "remove", line: this.#ref(line) }); }
  clear() { return this.perform({ kind: "clear" }); }
  note(line, note) { return this.perform({ kind: "note", line: this.#ref(line), note }); }
  save(line) { return this.perform({ kind: "save", line: this.#ref(line) }); }
  restore(line) { return this.perform({ kind: "restore", line: this.#ref(line) }); }
  discard(line) { return this.perform({ kind: "discard", line: this.#ref(line) }); }
  setAttributes(attributes) { return this.perform({ kind: "attributes", attributes }); }
  acknowledge(notices) { return this.perform({ kind: "acknowledge", notices: notices.map((one) => one.notice_id ?? one) }); }
  /** The shopper begins to pay for what is in the cart. */
  startCheckout() { return this.perform({ kind: "checkout" }); }
  undoMerge(mergeId) { return this.perform({ kind: "undo", merge: mergeId }); }
  copyShared(shareToken) { return this.perform({ kind: "copy", token: shareToken }); }

  /** Holds back what is in the cart while the shopper pays, as the service knows it: await `settled` before. */
  reserve() { return this.ask("POST", "/cart/reservation"); }
  /** Lets go what is held back. */
  release() { return this.ask("DELETE", "/cart/reservation"); }
  /** What log-ins did with carts of this customer's devices, newest first. */
  merges() { return this.ask("GET", "/cart/merges"); }
  /** Asks to be told, once, when an item is back. A guest says where to write, the first time. */
  watch(item) { return this.ask("POST", "/watches", item); }
  /** Ends a watch, given it or its id; without one all of them. */
  unwatch(watch) {
    const id = watch?.watch_id ?? watch;
    return this.ask("DELETE", id === undefined ? "/watches" : `/watches/${encodeURIComponent(id)}`);
  }
  /** What this shopper waits for, the longest first. */
  async watches() { return (await this.ask("GET", "/watches")).watches; }
  /** A link for others: they may look and copy. */
  share() { return this.ask("POST", "/cart/share"); }
  unshare() { return this.ask("DELETE", "/cart/share"); }
  /** Where this guest may be written to about the cart, once the form is sent. Nothing of it stays on the device. */
  async setContact(contact) {
    await this.settled();
    return this.ask("PUT", "/cart/contact", contact);
  }
  /** A cart that somebody shared. */
  shared(token) { return this.open("shared", token); }
  /** The cart behind a reminder's link. Sends nothing of this device and leaves nothing on it. */
  recover(token) { return this.open("recovery", token); }

  /** A line by its id or itself: what is in it finds it again when it comes back under another id. */
  #ref(line) {
    const lines = [...this.cart.lines, ...(this.cart.saved ?? [])];
    const known = typeof line === "string" ? lines.find((one) => one.line_id === line) : line;
    return known ? { line_id: known.line_id, sku: known.sku, options: known.options } : { line_id: line };
  }
}
