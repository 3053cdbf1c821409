// Windows of one browser in one process. Their locks, messages and answers arrive in an order that a seed decides, each
// kind of one window's in its own. `node windows.mjs SDK SCENE SEEDS` prints each end that came about, and of how many.
import { AsyncLocalStorage } from "node:async_hooks";

const [sdk, scene, seeds] = process.argv.slice(2);
globalThis.document = {}; // a page, as the client has to know when it is loaded
const { Engine } = await import(`${sdk}/engine.js`);
const current = new AsyncLocalStorage(); // the window whose code runs
const token = `.${Buffer.from('{"sub":"ana"}').toString("base64url")}.`;
const LONG_MS = 15_000;
const idle = () => new Promise((resolve) => { setImmediate(resolve); });
const failure = (name) => new DOMException(name, name);

class Browser {
  constructor(seed) {
    this.seed = seed;
    this.windows = [];
    this.kept = new Map();
    this.holder = null;
    this.waiting = [];
    this.networkFails = true;
  }

  random(below) {
    this.seed = (Math.imul(this.seed ^ (this.seed >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    return Math.floor((this.seed / 2 ** 32) * below);
  }

  /** Lets some of what is under way arrive, or all of it. */
  async arrive(most = 10_000) {
    for (let left = most; left > 0; left -= 1) {
      await idle();
      const ready = this.windows.filter(({ frozen }) => !frozen)
        .flatMap((window) => Object.values(window.wires).filter((wire) => wire.length).map((wire) => [window, wire]));
      if (!ready.length) return;
      const [window, wire] = ready[this.random(ready.length)];
      current.run(window, wire.shift());
    }
    await idle();
  }

  /** A window in which Ana is logged in, and at which somebody looks unless it is `hidden`. */
  open(hidden = false) {
    const window = { hidden, wires: { channel: [], lock: [], net: [], timer: [] }, heard: {}, streams: new Set(), sent: 0 };
    this.windows.push(window);
    current.run(window, () => {
      window.engine = new Engine({ baseUrl: "http://cart", store: "demo" }, storageOf(this.kept), () => {});
      window.engine.start(() => new Promise((tell) => { window.wires.net.push(() => tell(token)); }));
    });
    return window;
  }

  close(window) {
    current.run(window, () => window.heard.pagehide?.());
    this.windows = this.windows.filter((one) => one !== window);
    this.waiting = this.waiting.filter((one) => one.window !== window);
    if (this.holder?.window === window) this.free(this.holder);
  }

  grant() {
    if (this.holder || !this.waiting.length) return;
    const request = this.waiting.shift();
    this.holder = request;
    request.window.wires.lock.push(() => request.held().then(() => this.free(request)));
  }

  free(request) {
    if (this.holder !== request) return;
    this.holder = null;
    this.grant();
  }

  request({ steal, signal }, held) {
    return new Promise((_, reject) => {
      const request = { window: current.getStore(), held, reject };
      const robbed = steal ? this.holder : null;
      if (robbed) {
        this.holder = null;
        robbed.window.wires.lock.push(() => robbed.reject(failure("AbortError")));
      }
      this.waiting[steal ? "unshift" : "push"](request);
      signal?.addEventListener("abort", () => {
        this.waiting = this.waiting.filter((one) => one !== request);
        reject(failure("AbortError"));
      });
      this.grant();
    });
  }

  fetch(url, { signal }) {
    const window = current.getStore();
    return new Promise((resolve, reject) => {
      const end = () => reject(failure("AbortError"));
      if (signal.aborted) end();
      signal.addEventListener("abort", end);
      window.wires.net.push(() => {
        if (signal.aborted) return;
        if (this.networkFails && this.random(5) === 0) reject(new TypeError("the network"));
        else resolve(url.endsWith("/stream") ? streamOf(window, signal) : answerOf(window, url));
      });
    });
  }
}

function answerOf(window, url) {
  if (url.endsWith("/lines")) window.sent += 1;
  const cart = { id: "c1", version: 1, customer_id: "ana", lines: [] };
  return { ok: true, status: 200, headers: new Headers(), json: async () => ({ cart }) };
}

function streamOf(window, signal) {
  const stream = {};
  window.streams.add(stream);
  const read = () => new Promise((_, reject) => {
    signal.addEventListener("abort", () => { window.streams.delete(stream); reject(failure("AbortError")); });
  });
  return { ok: true, headers: new Headers(), body: { getReader: () => ({ read }) } };
}

function storageOf(kept) {
  return {
    get length() { return kept.size; },
    key: (place) => [...kept.keys()][place] ?? null,
    getItem: (at) => kept.get(at) ?? null,
    setItem: (at, value) => kept.set(at, value),
    removeItem: (at) => kept.delete(at),
  };
}

/** What a page finds in its window. */
function furnish(browser) {
  const addEventListener = (type, heard) => { current.getStore().heard[type] = heard; };
  const listens = { addEventListener, removeEventListener: () => {} };
  const document = { get visibilityState() { return current.getStore().hidden ? "hidden" : "visible"; }, ...listens };
  class BroadcastChannel {
    constructor() { this.window = current.getStore(); this.window.channel = this; }
    postMessage(data) {
      const others = browser.windows.filter(({ channel }) => channel && channel !== this);
      for (const { channel, wires } of others) wires.channel.push(() => channel.onmessage({ data: structuredClone(data) }));
    }
    close() { this.window.channel = null; }
  }
  const navigator = { locks: { request: (_name, options, held) => browser.request(options, held) } };
  const clearTimeout = (timer) => { if (timer) timer.work = () => {}; };
  const setTimeout = (work, ms) => {
    const timer = { work };
    if (ms < LONG_MS) current.getStore().wires.timer.push(() => timer.work());
    return timer;
  };
  const given = { document, BroadcastChannel, navigator, setTimeout, clearTimeout, fetch: (...call) => browser.fetch(...call), ...listens };
  for (const [name, value] of Object.entries(given)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

const add = (window) => current.run(window, () => window.engine.perform({ kind: "add", item: { sku: "mug" }, quantity: 1 }).catch(() => {}));

const SCENES = {
  /** One is opened after the other, and the one that leads is closed. */
  async closed(browser) {
    browser.open();
    await browser.arrive(browser.random(30));
    const second = browser.open();
    await browser.arrive(browser.random(60));
    add(second);
    browser.open(true);
    await browser.arrive(browser.random(30));
    browser.close(browser.windows[browser.random(2)]);
    add(browser.windows[browser.random(2)]);
  },
  /** The one that leads is closed, and the lead goes to one that sleeps. */
  async asleep(browser) {
    const first = browser.open();
    await browser.arrive();
    const sleeper = browser.open(true);
    await browser.arrive();
    const second = browser.open(true);
    await browser.arrive();
    sleeper.frozen = true;
    browser.close(first);
    second.hidden = false;
    browser.networkFails = false;
    await browser.arrive();
    add(second);
    await browser.arrive();
    if (second.sent !== 1) throw new Error("what is put in waits until the one that sleeps wakes up");
    sleeper.frozen = false;
  },
};

const ends = {};
for (let seed = 1; seed <= Number(seeds); seed += 1) {
  const browser = new Browser(seed * 7919);
  furnish(browser);
  await SCENES[scene](browser);
  browser.networkFails = false;
  await browser.arrive();
  const end = JSON.stringify({
    leads: browser.windows.filter(({ engine }) => engine.tabs.leading).length,
    streams: browser.windows.reduce((sum, { streams }) => sum + streams.size, 0),
    live: browser.windows.map(({ engine }) => engine.liveness.live),
    waits: [...browser.kept.keys()].filter((at) => at.includes(".q.")).length,
  });
  ends[end] = (ends[end] ?? 0) + 1;
}
console.log(JSON.stringify(ends));
