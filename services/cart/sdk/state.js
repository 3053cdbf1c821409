import { applied, emptyCart } from "./commands.js";
import { readJson } from "./storage.js";

/**
 * What this device knows of the cart: as the service told it last, kept over reloads, with the commands that still wait
 * applied on top. An older state never covers a newer one.
 */
export class CartState {
  constructor(storage, prefix, store, queue, shopper) {
    this.storage = storage;
    this.shopper = shopper;
    this.prefix = `${prefix}cart`;
    this.store = store;
    this.queue = queue;
    this.busy = false;
    this.held = null;
    this.forget();
    this.move(shopper.owner);
  }

  /** Another shopper in this window. A guest's cart goes on being shown until the log-in has taken it along. */
  move(owner) {
    this.owner = owner;
    this.load();
  }

  get at() {
    return this.owner === null ? this.prefix : `${this.prefix}.${this.owner}`;
  }

  /** Takes what another tab has read, if that is still there. A guest whose token is gone has no cart any more. */
  load() {
    if (!this.shopper.known) {
      this.forget();
      return;
    }
    const kept = readJson(this.storage, this.at);
    if (kept === null || (this.owner === null && kept.cart.customer_id !== null)) return;
    this.known = kept.cart;
    this.etag = kept.etag;
  }

  /** The cart to be shown. */
  get shown() {
    return applied(this.known, this.queue.all());
  }

  /**
   * An answer to a command: at least as new as that command. It tells no notices but of the prices that it changed:
   * those of lines that are still there stay until the next look. The tag names a state without them, and so is not kept:
   * the next look is to be told.
   */
  answered(cart, etag) {
    if (cart.id !== this.known.id) return this.#keep(cart, etag);
    if (cart.version < this.known.version) return undefined;
    const there = new Set([...cart.lines, ...(cart.saved ?? [])].map((line) => line.line_id));
    const kept = this.known.notices.filter((notice) => there.has(notice.line_id));
    const notices = [...kept, ...(cart.notices ?? [])];
    return this.#keep({ ...cart, notices }, notices.length || this.known.notices.length ? null : etag);
  }

  /** The cart as it was read. */
  read(cart, etag) {
    if (cart.id !== this.known.id || cart.version >= this.known.version) this.#keep(cart, etag);
  }

  /**
   * A state from the stream, which the answer to a command may have overtaken. While a command is under way it waits: it
   * may hold what that command did, and would then be counted twice. Gives it back, as {cart, etag}, where only the
   * service knows whether it is the newest: of two carts neither version says so.
   */
  streamed(cart, etag) {
    if (this.busy) return this.#hold(cart, etag);
    if (cart.id !== this.known.id && !this.#blank) return { cart, etag };
    this.read(cart, etag);
    return null;
  }

  /** The cart as it was asked for when `since` was known; as `streamed`. */
  looked(cart, etag, since) {
    if (since !== this.known && (cart.id === null || cart.id !== this.known.id)) return { cart, etag };
    if (this.busy) return this.#hold(cart, etag);
    this.read(cart, etag);
    return null;
  }

  begin() {
    this.busy = true;
  }

  /** The command has been answered, or not; as `streamed`, of what waited for that. */
  end() {
    this.busy = false;
    if (!this.shopper.known) this.forget();
    const { held } = this;
    this.held = null;
    return held === null || held.etag === this.etag ? null : this.streamed(held.cart, held.etag);
  }

  /** The guest's cart went to the customer. */
  claimed() {
    this.storage.removeItem(this.prefix);
  }

  /** Nothing is known in this window. */
  forget() {
    this.known = emptyCart(this.store);
    this.etag = null;
    this.held = null;
  }

  /** Nothing has been heard of a cart yet: whatever comes is news. */
  get #blank() {
    return this.known.id === null && this.etag === null;
  }

  #hold(cart, etag) {
    const newer = this.held?.cart.id === cart.id && this.held.cart.version > cart.version;
    if (!newer) this.held = { cart, etag };
    return null;
  }

  /** What is told late of a guest's cart that a log-in took along is not kept: no other window would let it go. */
  #keep(cart, etag) {
    if (!this.shopper.known) {
      this.forget();
      return;
    }
    this.known = { ...cart, saved: cart.saved ?? [], notices: cart.notices ?? [], attributes: cart.attributes ?? {} };
    this.etag = etag;
    this.storage.setItem(this.at, JSON.stringify({ cart: this.known, etag }));
  }
}
