import { CartProblem } from "./http.js";
import { readJson } from "./storage.js";

/** Stands for a guest's token that the browser keeps in a cookie, out of reach. */
const IN_COOKIE = "cookie";

/**
 * Who shops in this window: a guest, whose token is kept on the device (or by the browser, with `cookie`), or a customer,
 * whose token stays with the store's page. Of the customer only the id is remembered, so that another one never gets this
 * one's cart. Windows may differ: the device remembers who logged in last.
 */
export class Shopper {
  constructor(storage, prefix, cookie = false) {
    this.storage = storage;
    this.cookie = cookie;
    this.guestAt = `${prefix}guest`;
    this.ownerAt = `${prefix}owner`;
    /** Gives the customer's token; null where the page has told of none. */
    this.token = null;
    /** The customer's id, or null for a guest. */
    this.owner = storage.getItem(this.ownerAt);
  }

  become(owner) {
    this.owner = owner;
    this.remember();
  }

  /** Has the device know this window's customer for the next page. */
  remember() {
    if (this.owner !== null && this.storage.getItem(this.ownerAt) !== this.owner) this.storage.setItem(this.ownerAt, this.owner);
  }

  get guestToken() {
    return this.storage.getItem(this.guestAt);
  }

  set guestToken(token) {
    this.storage.setItem(this.guestAt, this.cookie ? IN_COOKIE : token);
  }

  /** Whether a key of the storage is that of the guest in this window. */
  holds(at) {
    return this.owner === null && at === this.guestAt;
  }

  forgetGuest() {
    this.storage.removeItem(this.guestAt);
  }

  /** Whether a stream can be opened: a guest without a token has no cart yet. */
  get known() {
    return this.owner !== null || this.guestToken !== null;
  }

  /** Whether this window can speak for its shopper. */
  get able() {
    return this.owner === null || this.token !== null;
  }

  /** What names this device's guest in a body: nothing where the cookie does. */
  get guestInBody() {
    return this.guestToken === IN_COOKIE ? {} : { cart_token: this.guestToken };
  }

  /** The customer's token, null where nobody is logged in. Throws CartProblem where the page can't tell just now. */
  async fresh() {
    try {
      return (await this.token?.()) || null;
    } catch {
      throw new CartProblem(0, "token-unavailable", "Whether you are logged in cannot be told just now.");
    }
  }

  /** Headers that say who calls; `owner` is whose call it is. Throws CartProblem 401. */
  async headers(owner = this.owner) {
    if (owner === null) return [null, IN_COOKIE].includes(this.guestToken) ? {} : { "X-Cart-Token": this.guestToken };
    const token = await this.fresh();
    if (token === null || subjectOf(token) !== owner) {
      throw new CartProblem(401, "logged-out", "Log in again to see your cart.");
    }
    return { Authorization: `Bearer ${token}` };
  }
}

/**
 * Removes what the device keeps of everybody who is not here any more. `others` are the shoppers of other windows; a
 * customer among them may be about to claim the guest's cart, which is kept then.
 */
export function wipe(storage, prefix, others) {
  for (const at of storage.keys(prefix)) {
    const whose = shopperOf(storage, at, at.slice(prefix.length));
    if (!others.has(whose) && (whose !== null || others.size === 0)) storage.removeItem(at);
  }
}

function shopperOf(storage, at, name) {
  if (name.startsWith("q.")) return readJson(storage, at)?.owner ?? null;
  if (name.startsWith("cart.")) return name.slice("cart.".length);
  return name === "owner" ? storage.getItem(at) : null;
}

/** The customer whom a JWT names; null where it is none. The service checks it, this only reads. */
export function subjectOf(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)).sub || null;
  } catch {
    return null;
  }
}
