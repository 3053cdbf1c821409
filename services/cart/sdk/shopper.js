import { CartProblem } from "./http.js";

/** Stands for a guest's token that the browser keeps in a cookie, out of reach. */
const IN_COOKIE = "cookie";

/**
 * Who shops on this device: a guest, whose token is kept here (or by the browser, with `cookie`), or a customer, whose
 * token stays with the store's page. Of the customer only the id is remembered, so that another one never gets this one's cart.
 */
export class Shopper {
  constructor(storage, prefix, cookie = false) {
    this.storage = storage;
    this.cookie = cookie;
    this.guestAt = `${prefix}guest`;
    this.ownerAt = `${prefix}owner`;
    this.token = null;
  }

  /** The customer's id, or null for a guest. */
  get owner() {
    return this.storage.getItem(this.ownerAt);
  }

  set owner(id) {
    if (id === null) this.storage.removeItem(this.ownerAt);
    else this.storage.setItem(this.ownerAt, id);
  }

  get guestToken() {
    return this.storage.getItem(this.guestAt);
  }

  forgetGuest() {
    this.storage.removeItem(this.guestAt);
  }

  /** Whether a stream can be opened: a guest without a token has no cart yet. */
  get known() {
    return this.owner !== null || this.guestToken !== null;
  }

  set guestToken(token) {
    this.storage.setItem(this.guestAt, this.cookie ? IN_COOKIE : token);
  }

  /** What names this device's guest in a body: nothing where the cookie does. */
  get guestInBody() {
    return this.guestToken === IN_COOKIE ? {} : { cart_token: this.guestToken };
  }

  /** Headers that say who calls; `owner` is whose call it is. Throws CartProblem 401. */
  async headers(owner = this.owner) {
    if (owner === null) return [null, IN_COOKIE].includes(this.guestToken) ? {} : { "X-Cart-Token": this.guestToken };
    const token = await this.token?.();
    if (!token || subjectOf(token) !== owner) {
      throw new CartProblem(401, "logged-out", "Log in again to see your cart.");
    }
    return { Authorization: `Bearer ${token}` };
  }

  forget() {
    this.forgetGuest();
    this.owner = null;
  }
}

/** The customer whom a JWT names; null where it is none. The service checks it, this only reads. */
export function subjectOf(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)).sub ?? null;
  } catch {
    return null;
  }
}
