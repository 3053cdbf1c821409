/** Looks at the cart, by asking for it and as the stream tells it: these overtake one another, and the answers to commands. */
export class Reader {
  /** `changed()` is called when there may be something new to be shown. */
  constructor({ state, shopper, transport }, changed) {
    this.state = state;
    this.shopper = shopper;
    this.transport = transport;
    this.changed = changed;
  }

  /** Reads the cart, unless there can't be one; again where something else has become known meanwhile. Throws CartProblem. */
  async read() {
    let doubt;
    do {
      if (!this.shopper.known) {
        this.state.forget();
        break;
      }
      const { known } = this.state;
      const { answer, etag } = await this.transport.read();
      doubt = this.state.looked(answer, etag, known);
    } while (doubt);
    this.changed();
  }

  streamed(cart, etag) {
    this.#settle(this.state.streamed(cart, etag));
  }

  /** A command has been answered, or not. */
  ended() {
    this.#settle(this.state.end());
  }

  /** What is in doubt is asked for; where that fails the stream goes by, which ends with the newest. */
  #settle(doubt) {
    if (doubt) {
      const { known } = this.state;
      this.read().catch(() => {
        if (known === this.state.known) this.state.looked(doubt.cart, doubt.etag, known);
        this.changed();
      });
    }
    this.changed();
  }
}
