import { subjectOf, wipe } from "./shopper.js";

/** Who shops in this window, and what its other windows have to know of that: log-ins and log-outs, here and there. */
export class Identity {
  /**
   * `on` has moved(before, elsewhere) when it is somebody else now, left(commands) with what was dropped here then,
   * claim() to have the guest's cart go along, joined() when a log-in was renewed in another window, and restored() when
   * another one took what waits here for left behind.
   */
  constructor({ storage, prefix, shopper, queue, tabs }, on) {
    this.storage = storage;
    this.prefix = prefix;
    this.shopper = shopper;
    this.queue = queue;
    this.tabs = tabs;
    this.on = on;
  }

  /** `token` undefined: whoever it was stays; null, or a function that gives null: nobody is logged in. Throws CartProblem. */
  async identify(token) {
    const { shopper } = this;
    if (token !== undefined) shopper.token = typeof token === "function" ? token : () => token;
    if (shopper.token === null) return;
    await this.#become(subjectOf(await shopper.fresh()));
    if (shopper.owner !== null && this.#guests && !this.queue.all().some(({ kind }) => kind === "claim")) this.on.claim();
    if (shopper.owner !== null) this.tabs.say({ type: "customer" });
  }

  /** Log-out: nothing of this shopper stays on the device, nor in other windows. Gives the commands that were not sent. */
  async end() {
    const { owner } = this.shopper;
    const others = await this.tabs.others();
    others.delete(owner);
    this.shopper.token = null;
    const dropped = this.#leave(others);
    this.tabs.say({ type: "forgotten", owner });
    this.#moved(null, owner, false);
    return dropped;
  }

  /** What another window says. */
  async heard({ type, owner }) {
    const { shopper } = this;
    const before = shopper.owner;
    if (type === "forgotten" && owner === shopper.owner) {
      this.on.left([]);
      this.#moved(null, owner, true);
    }
    if (type === "forgotten") shopper.remember(); // it is this window's customer who is logged in here now
    if (type === "customer" && owner === shopper.owner) this.on.joined();
    if (type === "customer" && owner !== shopper.owner && (await this.#follows(owner))) await this.#become(owner, true);
    if (shopper.owner === before && this.storage.restore()) this.on.restored();
  }

  /** A page that told of no token goes along with a log-in; another one where it knows of it, too. */
  async #follows(owner) {
    const { shopper } = this;
    return shopper.token === null ? shopper.owner === null : subjectOf(await shopper.fresh().catch(() => null)) === owner;
  }

  get #guests() {
    return this.shopper.guestToken !== null || this.queue.guests;
  }

  async #become(owner, elsewhere = false) {
    const before = this.shopper.owner;
    if (before !== null && before !== owner) {
      const others = await this.tabs.others();
      if (!others.has(before)) this.#leave(others); // else it is this window only that is somebody else's
    }
    if (before === owner) this.shopper.remember();
    else this.#moved(owner, before, elsewhere);
  }

  #leave(others) {
    const dropped = this.queue.all();
    wipe(this.storage, this.prefix, others);
    this.on.left(dropped);
    return dropped;
  }

  #moved(owner, before, elsewhere) {
    this.shopper.become(owner);
    this.on.moved(before, elsewhere);
  }
}
