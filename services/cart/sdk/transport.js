import { requestOf } from "./commands.js";
import { call, newKey } from "./http.js";

/** Calls to the cart service, in the name of whoever shops on this device. */
export class Transport {
  /** `options`: `device` names the device, and may change; `key` is the storefront's; `credentials`: use a cookie. */
  constructor(options, shopper) {
    this.root = options.baseUrl.replace(/\/+$/, "");
    this.base = `${this.root}/v1/stores/${encodeURIComponent(options.store)}`;
    this.shopper = shopper;
    this.options = options;
    this.storefront = options.key ? { "X-Publishable-Key": options.key } : {};
    this.credentials = options.credentials ? "include" : "omit";
  }

  #call(method, url, { headers = {}, ...more } = {}) {
    return call(method, url, { headers: { ...this.storefront, ...headers }, credentials: this.credentials, ...more });
  }

  /** Has the browser forget the guest's cookie, if it is one; a next guest gets another, should this not arrive. */
  async forget() {
    if (this.options.credentials) await this.#call("DELETE", `${this.base}/cart/token`).catch(() => null);
  }

  /** Carries out a command; `known` is the cart as the service knows it. Null where there is nothing to do any more. */
  async send(command, known, signal) {
    if (command.kind === "claim") return this.#claim(command, signal);
    const request = requestOf(command, known);
    if (request === null) return null; // the line is gone, on another device
    const sent = async () => {
      const headers = { ...(await this.#headers(command, signal)), "Idempotency-Key": command.id };
      return this.#call(request.method, this.base + request.path, { body: request.body, headers, signal });
    };
    return sent().catch((problem) => {
      if (problem.status !== 401 || command.owner !== null) throw problem;
      this.shopper.forgetGuest(); // a token that is not taken any more: nobody can log a guest in again
      return sent();
    });
  }

  /** The cart of this device's guest becomes the customer's. */
  async #claim(command, signal) {
    if (this.shopper.guestToken === null) return null;
    const headers = { ...(await this.#headers(command, signal)), "Idempotency-Key": command.id };
    const sent = await this.#call("POST", `${this.base}/cart/claim`, { body: this.shopper.guestInBody, headers, signal });
    this.shopper.forgetGuest();
    return sent;
  }

  /** The cart as it is. */
  async read() {
    return this.#call("GET", `${this.base}/cart`, { headers: await this.#headers() });
  }

  /** Any other call under the cart. */
  async ask(method, path, body) {
    const headers = await this.#headers();
    if (method !== "GET") headers["Idempotency-Key"] = newKey();
    return (await this.#call(method, this.base + path, { body, headers })).answer;
  }

  /** What a token opens, for anybody: `kind` is recovery or shared. */
  async open(kind, token) {
    return (await call("GET", `${this.root}/v1/${kind}/${encodeURIComponent(token)}`)).answer;
  }

  /** The request of a stream that goes on after the state `etag`. */
  async stream(etag) {
    const headers = await this.#headers();
    if (etag) headers["Last-Event-ID"] = etag;
    return { url: `${this.base}/cart/stream`, headers: { ...this.storefront, ...headers }, credentials: this.credentials };
  }

  /** A command says on which cart it was made: what was ordered meanwhile is not put in again. */
  async #headers({ owner, device, cart } = { owner: this.shopper.owner, device: this.options.device }, signal = undefined) {
    if (owner === null && this.shopper.guestToken === null) {
      const { answer } = await this.#call("POST", `${this.base}/cart/token`, { signal });
      this.shopper.guestToken ??= answer.cart_token; // another tab may have been quicker
    }
    const who = await this.shopper.headers(owner);
    return { ...who, ...(device && { "X-Device": device }), ...(cart && { "X-Cart-Id": cart }) };
  }
}
