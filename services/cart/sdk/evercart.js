/**
 * Evercart in a storefront's page: one cart on every device, also while the network is away.
 * Documented in README.md beside this file, and in evercart.d.ts.
 */
import { CartProblem, newKey } from "./http.js";
import { Live } from "./live.js";
import { Queue, usableStorage } from "./queue.js";
import { Sender } from "./sender.js";
import { Shopper, subjectOf } from "./shopper.js";
import { CartState } from "./state.js";
import { Surface } from "./surface.js";
import { Tabs } from "./tabs.js";
import { Transport } from "./transport.js";

export { CartProblem };

/** A cart on this device. Gives it at once; what the service knows follows. */
export function createCart(options) {
  return new Evercart(options);
}

class Evercart extends Surface {
  #options;
  #transport;
  #queue;
  #state;
  #shopper;
  #sender;
  #live;
  #tabs;
  #connected = false;
  #waiting = new Map();
  #visit = 0;
  #ready;
  #abroad = (event) => this.#stored(event);
  #online = () => this.#retry();

  constructor({ baseUrl, store, token, device = null, key = null, credentials = false, storage = usableStorage() }) {
    super();
    this.#options = { store, device, key, credentials };
    const prefix = `evercart.${store}.`;
    this.#queue = new Queue(storage, prefix);
    this.#state = new CartState(storage, prefix, store, this.#queue);
    this.#shopper = new Shopper(storage, prefix, credentials);
    this.#transport = new Transport(baseUrl, store, this.#shopper, this.#options);
    this.#sender = new Sender(this.#queue, (command, signal) => this.#transport.send(command, this.#state.known, signal), {
      begun: () => this.#state.begin(),
      stopped: () => this.#state.end(),
      succeeded: (command, sent) => this.#succeeded(command, sent),
      refused: (command, problem) => this.#refused(command, problem),
      waiting: (command, problem, ms) => this.#postponed(command, problem, ms),
    });
    this.#live = new Live(() => this.#transport.stream(this.#state.etag), {
      state: (cart, etag) => this.#streamed(cart, etag),
      open: (open) => this.#opened(open),
      problem: (problem) => this.#tell("problem", { problem, command: null }),
    });
    this.#tabs = new Tabs(prefix + store, (message) => this.#heard(message), (leading) => this.#lead(leading));
    addEventListener("storage", this.#abroad);
    for (const change of ["online", "offline"]) addEventListener(change, this.#online);
    const failed = (problem) => this.#tell("problem", { problem, command: null });
    this.#ready = this.#identify(token).catch(failed).then(() => this.#tabs.start());
  }

  /** The cart as it will be when everything that waits is done. */
  get cart() { return this.#state.shown; }
  /** How many commands wait for the service. */
  get pending() { return this.#queue.all().length; }
  /** Whether other devices' changes arrive by themselves. */
  get live() { return this.#connected; }
  /** The customer's id, null for a guest. */
  get customer() { return this.#shopper.owner; }
  get device() { return this.#options.device; }
  set device(name) { this.#options.device = name; }

  /** Calls back with {cart, pending, live, customer}: now, and at each change. Gives a function that ends it. */
  subscribe(listener) {
    const tell = () => listener({ cart: this.cart, pending: this.pending, live: this.live, customer: this.customer });
    this.addEventListener("change", tell);
    tell();
    return () => this.removeEventListener("change", tell);
  }

  /** What says to the cart service who shops here: for the store's own server, when an order is placed. */
  async credentials() {
    await this.#ready;
    return this.#shopper.headers();
  }

  /** A call that is no command: it is not queued. */
  async ask(method, path) {
    await this.#ready;
    return this.#transport.ask(method, path);
  }

  /** What a token opens, for anybody. */
  open(kind, token) { return this.#transport.open(kind, token); }

  /** Reads the cart now. */
  async refresh() {
    await this.#ready;
    if (!this.#shopper.known) return this.cart;
    const visit = this.#visit;
    const { answer, etag } = await this.#transport.read();
    if (visit !== this.#visit) return this.cart; // logged out meanwhile
    this.#state.read(answer, etag);
    this.#changed();
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
    await this.#identify(token);
    this.#tabs.say({ type: "customer" });
    this.#retry();
  }

  /** Leaves nothing of the customer on this device. Tells what had not reached the service. */
  async logout(withinMs = 2000) {
    await this.#ready;
    if (this.pending && navigator.onLine) await this.settled(withinMs).catch(() => null);
    const dropped = this.#forget();
    this.#shopper.token = null;
    this.#tabs.say({ type: "forgotten" });
    return this.#transport.forget().then(() => dropped);
  }

  /** Ends everything on this page; what waits stays for the next one. */
  close() {
    this.#tabs.close();
    this.#lead(false);
    removeEventListener("storage", this.#abroad);
    for (const change of ["online", "offline"]) removeEventListener(change, this.#online);
  }

  /** `token` undefined: whoever it was stays; null, or a function that gives null: nobody is logged in. */
  async #identify(token) {
    if (token !== undefined) this.#shopper.token = typeof token === "function" ? token : () => token;
    if (this.#shopper.token === null) return;
    const owner = subjectOf((await this.#shopper.token()) ?? "");
    const before = this.#shopper.owner;
    if (before !== null && before !== owner) this.#forget();
    this.#shopper.owner = owner;
    const waiting = this.#queue.all();
    const guests = this.#shopper.guestToken !== null || waiting.some((command) => command.owner === null);
    if (owner !== null && guests && !waiting.some((command) => command.kind === "claim")) this.#enqueue({ kind: "claim" });
    this.#changed();
  }

  /** Queues a command; see `Surface`. */
  perform(command) {
    const { id } = this.#enqueue(command);
    const done = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    done.catch(() => {}); // who does not wait for it hears of it by "refused"
    return done;
  }

  #enqueue(command) {
    const queued = { ...command, id: newKey(), owner: this.#shopper.owner, device: this.#options.device, cart: this.#state.known.id };
    this.#queue.add(queued);
    this.#tabs.say({ type: "queued" });
    this.#changed();
    this.#sender.queued();
    return queued;
  }

  #succeeded(command, sent) {
    const cart = sent?.answer?.cart ?? (sent?.answer?.lines ? sent.answer : null);
    if (cart && command.kind === "acknowledge") this.#state.read(cart, sent.etag); // its notices are all that are left
    else if (cart) this.#state.answered(cart, sent.etag);
    this.#end();
    this.#say("settled", { id: command.id });
    if (command.kind === "claim" && sent?.answer.merge) this.#say("merged", { merge: sent.answer.merge });
    if (this.#shopper.known) this.#live.start();
  }

  #refused(command, problem) {
    if (command.kind === "claim") this.#shopper.forgetGuest();
    this.#end();
    const { status, slug, message, body } = problem;
    this.#say("settled", { id: command.id, refused: { status, slug, message, body, command } });
  }

  #postponed(command, problem, retryInMs) {
    this.#end();
    this.#tell(problem.status === 401 ? "problem" : "waiting", { command, problem, retryInMs });
  }

  #end() {
    if (this.#state.end()) this.refresh().catch(() => {});
    this.#changed();
    this.#tabs.say({ type: "state" });
  }

  #streamed(cart, etag) {
    this.#state.streamed(cart, etag);
    this.#changed();
    this.#tabs.say({ type: "state" });
  }

  #opened(open) {
    if (open === this.#connected) return;
    this.#connected = open;
    this.#tabs.say({ type: "live", open });
    this.#changed();
  }

  #lead(leading) {
    if (leading) this.#sender.start();
    else this.#sender.stop();
    if (leading && this.#shopper.known) this.#live.start();
    if (!leading) this.#live.stop();
  }

  #retry() {
    this.#live.restart();
    if (this.#tabs.leading && this.#shopper.known) this.#live.start();
    this.#sender.retry();
    this.#changed();
  }

  /** Drops what waits, too: it was the former customer's. */
  #forget() {
    const dropped = this.#queue.all();
    this.#queue.clear();
    this.#shopper.forget();
    this.#leave();
    for (const command of dropped) this.#settle(command.id, { status: 0, slug: "logged-out", message: "Logged out.", command });
    if (dropped.length) this.#tell("dropped", { commands: dropped });
    this.#changed();
    return dropped;
  }

  /** Whatever is under way belongs to somebody who has left: no answer of it is let in. */
  #leave() {
    this.#visit += 1;
    this.#live.stop();
    this.#sender.stop();
    this.#state.forget();
    if (this.#tabs.leading) this.#sender.start();
  }

  #settle(id, refused) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!refused) return waiting?.resolve(this.cart);
    const problem = new CartProblem(refused.status, refused.slug, refused.message, refused.body ?? null);
    if (refused.slug !== "logged-out") this.#tell("refused", { command: refused.command, problem });
    return waiting?.reject(problem);
  }

  /** Here and in the other tabs. */
  #say(type, detail) {
    this.#tabs.say({ type, ...detail });
    this.#heard({ type, ...detail });
  }

  #heard(message) {
    if (message.type === "settled") this.#settle(message.id, message.refused);
    if (message.type === "merged") this.#tell("merged", { merge: message.merge });
    if (message.type === "live") this.#connected = message.open;
    if (message.type === "queued") this.#sender.queued();
    if (message.type === "forgotten") this.#leave();
    if (message.type === "customer") this.#joined();
    if (message.type === "state") this.#state.load();
    this.#changed();
  }

  /** Somebody has logged in on another tab; the store's page here may know the token, too. */
  async #joined() {
    if (await this.#shopper.token?.()) await this.#identify();
    this.#retry();
  }

  /** What other tabs have stored, in browsers without channels. */
  #stored(event) {
    if (event.key !== null && !event.key.startsWith(`evercart.${this.#options.store}.`)) return;
    if (!this.#state.busy) this.#state.load();
    this.#sender.queued();
    this.#changed();
  }

  #changed() { this.#tell("change", null); }

  #tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
