import { CartProblem } from "./http.js";

/** Who waits for the end of which command. */
export class Outcomes {
  #waiting = new Map();
  #tell;

  constructor(tell) {
    this.#tell = tell;
  }

  /** A promise of the cart that the command `id` leads to. */
  of(id) {
    const done = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    done.catch(() => {}); // who does not wait for it hears of it by "refused"
    return done;
  }

  /** The service has answered; `refused` is its refusal, told where the shopper is the same one (`ours`). */
  settle(id, cart, refused, ours) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!refused) {
      waiting?.resolve(cart);
      return;
    }
    const problem = new CartProblem(refused.status, refused.slug, refused.message, refused.body);
    if (ours || waiting) this.#tell("refused", { command: refused.command, problem });
    waiting?.reject(problem);
  }

  /** Nothing that is waited for is going to be answered. */
  give(slug, message) {
    for (const { reject } of this.#waiting.values()) reject(new CartProblem(0, slug, message));
    this.#waiting.clear();
  }
}
