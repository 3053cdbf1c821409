/**
 * Evercart in a storefront's page: one cart on every device, also while the network is away.
 * Documented in README.md beside this file, and in evercart.d.ts.
 */
import { Engine } from "./engine.js";
import { CartProblem } from "./http.js";
import { Surface } from "./surface.js";

export { CartProblem };

/** A cart on this device. Gives it at once; what the service knows follows. */
export function createCart(options) {
  return new Evercart(options);
}

class Evercart extends Surface {
  #options;
  #engine;
  #ready;

  constructor(options) {
    super();
    const { baseUrl, store, token, storage, device = null, key = null, credentials = false } = options;
    this.#options = { baseUrl, store, device, key, credentials };
    this.#engine = new Engine(this.#options, storage, (type, detail) => this.dispatchEvent(new CustomEvent(type, { detail })));
    this.#ready = this.#engine.start(token);
  }

  /** The cart as it will be when everything that waits is done. */
  get cart() { return this.#engine.state.shown; }
  /** How many commands wait for the service. */
  get pending() { return this.#engine.queue.all().length; }
  /** Whether other devices' changes arrive by themselves. */
  get live() { return this.#engine.liveness.live; }
  /** The customer's id, null for a guest. */
  get customer() { return this.#engine.shopper.owner; }
  /** Whether what waits would survive the end of the page. */
  get durable() { return this.#engine.storage.durable; }
  get device() { return this.#options.device; }
  set device(name) { this.#options.device = name; }

  /** Calls back with {cart, pending, live, customer, durable}: now, and at each change. Gives a function that ends it. */
  subscribe(listener) {
    const tell = () => {
      const { cart, pending, live, customer, durable } = this;
      listener({ cart, pending, live, customer, durable });
    };
    this.addEventListener("change", tell);
    tell();
    return () => this.removeEventListener("change", tell);
  }

  /** What says to the cart service who shops here: for the store's own server, when an order is placed. */
  async credentials() {
    await this.#ready;
    return this.#engine.shopper.headers();
  }

  /** Queues a command; see `Surface`. */
  perform(command) { return this.#engine.perform(command); }

  /** A call that is no command: it is not queued. */
  async ask(method, path, body) {
    await this.#ready;
    return this.#engine.transport.ask(method, path, body);
  }

  /** Tells what a customer looks at, one product or several, where the store keeps that. Of a guest nothing is sent. */
  async viewed(...products) {
    await this.#ready;
    if (products.length === 0 || this.customer === null) return;
    await this.ask("POST", "/views", { views: products });
  }

  /** What a token opens, for anybody. */
  open(kind, token) { return this.#engine.transport.open(kind, token); }

  /** Reads the cart now. */
  async refresh() {
    await this.#ready;
    await this.#engine.reader.read();
    return this.cart;
  }

  /** When nothing waits any more. Throws CartProblem when something still does after a while. */
  async settled(withinMs = 10_000) {
    await this.#ready;
    if (this.pending === 0) return this.cart;
    return new Promise((resolve, reject) => {
      const late = () => done(() => reject(new CartProblem(0, "unsettled", "Some changes have not reached the shop yet.")));
      const timer = setTimeout(late, withinMs);
      const stop = this.on("change", () => this.pending === 0 && done(() => resolve(this.cart)));
      const done = (end) => { clearTimeout(timer); stop(); end(); };
    });
  }

  /** A customer has logged in: `token` is the JWT, or a function that gives it. The cart of this device goes along. */
  async login(token) {
    await this.#ready;
    await this.#engine.identity.identify(token);
    this.#engine.retry();
  }

  /** Leaves nothing of the customer on this device. Tells what had not reached the service. */
  async logout(withinMs = 2000) {
    await this.#ready;
    if (this.pending && globalThis.navigator?.onLine !== false) await this.settled(withinMs).catch(() => null);
    const dropped = await this.#engine.identity.end();
    await this.#engine.transport.forget();
    return dropped;
  }

  /** Ends everything on this page; what waits stays for the next one. */
  close() { this.#engine.close(); }
}
