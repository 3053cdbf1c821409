/**
 * Whether other devices' changes arrive by themselves: over this window's stream while it leads, else over that of the
 * window that does. A word of one that led may come after those of its successor. So who leads heeds nobody, and says
 * again how it stands when another has stopped leading, or is new.
 */
export class Liveness {
  #tabs;
  #own = false;
  #elsewhere = false;

  constructor(tabs) {
    this.#tabs = tabs;
  }

  get live() {
    return this.#tabs.leading ? this.#own : this.#elsewhere;
  }

  /** This window's stream is open, or has ended. */
  opened(open) {
    if (open === this.#own) return;
    this.#own = open;
    if (this.#tabs.leading) this.#tell();
  }

  /** This window leads by now, or does not any more. */
  lead(leading) {
    if (!leading) {
      this.#tabs.say({ type: "led" });
      return;
    }
    this.#elsewhere = false;
    this.#tell();
  }

  /** It is somebody else's window now. */
  moved() {
    this.#elsewhere = false;
    this.#tabs.say({ type: "hello" });
  }

  /** What another window of the same shopper says. */
  heard({ type, open }) {
    if (type === "live") this.#elsewhere = open;
    if (type === "led") this.#elsewhere = false;
    if (["led", "hello"].includes(type) && this.#tabs.leading) this.#tell();
  }

  #tell() {
    this.#tabs.say({ type: "live", open: this.#own });
  }
}
