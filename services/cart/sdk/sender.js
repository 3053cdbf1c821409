import { backOff } from "./http.js";

/**
 * Sends queued commands one after the other. Each keeps its Idempotency-Key, so that a command whose answer was lost on
 * the way is sent again and still counts once.
 */
export class Sender {
  /**
   * `send(command, signal)`; `on` has begun(), stopped(), waiting(command, problem, ms), and succeeded(command, answer)
   * and refused(command, problem), which take the command out of the queue.
   */
  constructor(queue, send, on) {
    this.queue = queue;
    this.send = send;
    this.on = on;
    this.running = null;
    this.wake = () => {};
    this.backingOff = false;
  }

  start() {
    if (this.running) return;
    this.running = new AbortController();
    this.#run(this.running.signal);
  }

  stop() {
    this.running?.abort();
    this.running = null;
    this.wake();
  }

  /** There is something new. Does not cut a pause short: an outage is not asked about at every click. */
  queued() {
    if (!this.backingOff) this.wake();
  }

  /** The network is back, or somebody has logged in: tries at once. */
  retry() {
    this.wake();
  }

  async #run(signal) {
    let attempt = 0;
    while (!signal.aborted) {
      const command = this.queue.head();
      if (command === null) {
        await this.#paused(null);
        continue;
      }
      const problem = await this.#tried(command, signal);
      if (signal.aborted) return;
      if (problem === null) {
        attempt = 0;
        continue;
      }
      const pause = problem.status === 401 ? null : backOff(attempt, problem.retryAfterMs);
      attempt += 1;
      this.on.waiting(command, problem, pause);
      this.backingOff = true;
      await this.#paused(pause);
      this.backingOff = false;
    }
  }

  /** Null when the command is settled, one way or the other; else the problem that may pass. */
  async #tried(command, signal) {
    this.on.begun(command);
    try {
      const answer = await this.send(command, signal);
      if (signal.aborted) return this.#stopped();
      this.on.succeeded(command, answer);
    } catch (problem) {
      if (signal.aborted) return this.#stopped();
      if (problem.temporary || problem.status === 401) return problem;
      this.on.refused(command, problem);
    }
    return null;
  }

  #stopped() {
    this.on.stopped();
    return null;
  }

  /** Until woken, or until some milliseconds have passed. */
  #paused(ms) {
    return new Promise((resolve) => {
      const timer = ms === null ? null : setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
