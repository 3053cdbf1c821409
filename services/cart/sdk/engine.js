import { newKey } from "./http.js";
import { Identity } from "./identity.js";
import { Live } from "./live.js";
import { Liveness } from "./liveness.js";
import { Outcomes } from "./outcomes.js";
import { Queue } from "./queue.js";
import { Reader } from "./reader.js";
import { Sender } from "./sender.js";
import { Shopper } from "./shopper.js";
import { CartState } from "./state.js";
import { pageStorage, SafeStorage } from "./storage.js";
import { inPage, Tabs } from "./tabs.js";
import { Transport } from "./transport.js";

/** The parts of the client, and how they hear of one another. `tell(type, detail)` is for the page. */
export class Engine {
  #tell;
  #outcomes;
  #abroad = (event) => this.#stored(event);
  #online = () => this.retry();

  constructor(options, storage, tell) {
    this.options = options;
    this.prefix = `evercart.${options.store}.`;
    this.#tell = tell;
    this.#outcomes = new Outcomes(tell);
    this.#keep(storage === undefined ? pageStorage() : storage);
    this.#connect();
    this.#meet();
    globalThis.addEventListener?.("storage", this.#abroad);
    for (const change of ["online", "offline"]) globalThis.addEventListener?.(change, this.#online);
  }

  /** What the device keeps. */
  #keep(storage) {
    const { prefix } = this;
    this.storage = new SafeStorage(storage, prefix, {
      share: (entry) => this.tabs?.say({ type: "kept", ...entry }),
      changed: () => this.#toldStorage(),
    });
    this.shopper = new Shopper(this.storage, prefix, this.options.credentials);
    this.queue = new Queue(this.storage, prefix, () => this.shopper.owner);
    this.state = new CartState(this.storage, prefix, this.options.store, this.queue, this.shopper);
  }

  /** What speaks with the service. */
  #connect() {
    this.transport = new Transport(this.options, this.shopper);
    this.reader = new Reader(this, () => this.#looked());
    this.sender = new Sender(this.queue, (command, signal) => this.transport.send(command, this.state.known, signal), {
      begun: () => this.state.begin(),
      stopped: () => this.state.end(),
      succeeded: (command, sent) => this.#succeeded(command, sent),
      refused: (command, problem) => this.#refused(command, problem),
      waiting: (command, problem, ms) => this.#postponed(command, problem, ms),
    });
    this.live = new Live(() => this.transport.stream(this.state.etag), {
      state: (cart, etag) => this.reader.streamed(cart, etag),
      open: (open) => this.#opened(open),
      problem: (problem) => this.#tell("problem", { problem, command: null }),
    });
  }

  /** What speaks with the other windows. */
  #meet() {
    this.tabs = new Tabs(this.prefix, this.shopper.owner, {
      heard: (message) => this.#heard(message),
      lead: (leading) => this.#lead(leading),
      able: () => this.shopper.able,
      asked: () => this.storage.note((at, value) => this.queue.holds(at, value) || this.shopper.holds(at)),
    });
    this.liveness = new Liveness(this.tabs);
    this.identity = new Identity(this, {
      moved: (before, elsewhere) => this.#moved(before, elsewhere),
      left: (dropped) => this.#left(dropped),
      claim: () => this.#enqueue({ kind: "claim" }),
      joined: () => this.retry(),
      restored: () => this.sender.queued(),
    });
  }

  async start(token) {
    this.tabs.say({ type: "hello" });
    await this.identity.identify(token).catch((problem) => this.#tell("problem", { problem, command: null }));
    this.tabs.start();
    if (inPage && !this.storage.durable) this.#toldStorage();
    this.#changed();
  }

  close() {
    this.tabs.close();
    this.#lead(false);
    globalThis.removeEventListener?.("storage", this.#abroad);
    for (const change of ["online", "offline"]) globalThis.removeEventListener?.(change, this.#online);
  }

  /** A promise of the cart, once the service has taken the command. */
  perform(command) {
    return this.#outcomes.of(this.#enqueue(command).id);
  }

  /** The network is back, or somebody has logged in. */
  retry() {
    this.live.restart();
    this.#listen();
    this.sender.retry();
    this.#changed();
  }

  #enqueue(command) {
    const queued = { ...command, id: newKey(), owner: this.shopper.owner, device: this.options.device, cart: this.state.known.id };
    this.queue.add(queued);
    this.tabs.say({ type: "queued" });
    this.#changed();
    this.sender.queued();
    if (!this.liveness.live) this.tabs.need();
    return queued;
  }

  #succeeded(command, sent) {
    const cart = sent?.answer?.cart ?? (sent?.answer?.lines ? sent.answer : null);
    if (cart && command.kind === "acknowledge") this.state.read(cart, sent.etag); // its notices are all that are left
    else if (cart) this.state.answered(cart, sent.etag);
    this.queue.remove(command); // after what it led to: other windows never see neither
    this.reader.ended();
    this.#say("settled", { id: command.id });
    if (cart?.notices?.length && command.kind !== "acknowledge") this.#say("noticed", { notices: cart.notices });
    if (command.kind === "claim") {
      this.state.claimed();
      this.#say("claimed", { merge: sent?.answer.merge ?? null });
    }
    this.#listen();
  }

  #refused(command, problem) {
    if (command.kind === "claim") this.shopper.forgetGuest();
    this.queue.remove(command);
    this.reader.ended();
    const { status, slug, message, body } = problem;
    this.#say("settled", { id: command.id, refused: { status, slug, message, body, command } });
  }

  #postponed(command, problem, retryInMs) {
    this.reader.ended();
    this.#tell(problem.status === 401 ? "problem" : "waiting", { command, problem, retryInMs });
  }

  #looked() {
    this.#changed();
    this.tabs.say({ type: "state" });
  }

  #opened(open) {
    this.liveness.opened(open);
    this.#changed();
  }

  #lead(leading) {
    if (leading) this.sender.start();
    else this.sender.stop();
    if (leading) this.#listen();
    else this.live.stop();
    this.liveness.lead(leading);
    this.#changed();
  }

  /** A server that renders a page has nobody to tell of changes. */
  #listen() {
    if (inPage && this.tabs.leading && this.shopper.known) this.live.start();
  }

  /** Somebody has left: no answer to a command is waited for any more. */
  #left(dropped) {
    this.#outcomes.give("logged-out", "Logged out.");
    if (dropped.length) this.#tell("dropped", { commands: dropped });
  }

  /** It is somebody else now: whatever is under way belongs to who was it before, and none of it is let in. */
  #moved(before, elsewhere) {
    const customer = this.shopper.owner;
    if (before !== null || customer === null) this.state.forget();
    this.state.move(customer);
    this.tabs.move(customer);
    this.liveness.moved();
    if (before !== customer) this.#tell("customer", { customer, before, elsewhere });
    this.#changed();
  }

  /** Here and in the other windows. */
  #say(type, detail) {
    this.tabs.say({ type, ...detail });
    this.#heard({ type, ...detail, owner: this.shopper.owner, here: true });
  }

  /** What is told of a shopper concerns the windows where it is the same one. */
  #heard(message) {
    const ours = message.owner === this.shopper.owner;
    const { type } = message;
    if (ours && !message.here && !this.state.busy && ["kept", "settled", "state"].includes(type)) this.state.load();
    if (type === "kept") this.storage.heard(message);
    if (type === "held") this.#late(message.entries);
    if (type === "hello" && this.storage.held.length) this.tabs.say({ type: "held", entries: this.storage.held });
    if (type === "settled") this.#outcomes.settle(message.id, this.state.shown, message.refused, ours);
    if (type === "claimed" && message.merge && ours) this.#tell("merged", { merge: message.merge });
    if (type === "claimed") this.#letGo();
    if (type === "noticed" && ours) this.#tell("noticed", { notices: message.notices });
    if (ours) this.liveness.heard(message);
    if (type === "queued") this.sender.queued();
    if (type === "customer" || type === "forgotten") this.identity.heard(message);
    this.#changed();
  }

  /** What the other windows hold in memory has come after this one took the lead. */
  #late(entries) {
    for (const entry of entries) this.storage.heard(entry);
    if (!this.state.busy) this.state.load();
    this.sender.queued();
    this.#listen();
  }

  /** A guest's window has no cart any more once the token is gone: a log-in took both along. */
  #letGo() {
    if (this.shopper.known) return;
    this.live.stop();
    this.state.forget();
  }

  /** What other tabs have stored, in browsers without channels; and that all of it is gone. */
  #stored({ key, oldValue, newValue }) {
    if (key !== null && !key.startsWith(this.prefix)) return;
    if (key === null) this.storage.check();
    if (key === this.shopper.ownerAt && !this.tabs.channel) {
      this.identity.heard(newValue === null ? { type: "forgotten", owner: oldValue } : { type: "customer", owner: newValue });
    }
    this.#letGo();
    if (!this.state.busy) this.state.load();
    this.sender.queued();
    this.#changed();
  }

  #toldStorage() {
    const { durable, reason } = this.storage;
    this.#tell("storage", { durable, reason });
    this.#changed();
  }

  #changed() { this.#tell("change", null); }
}
