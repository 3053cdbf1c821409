/** Evercart in a storefront's page; see README.md. Money is in minor units of the cart's currency. */

export interface Options {
  /** The cart service, such as `https://cart.example.com`. */
  baseUrl: string;
  store: string;
  /**
   * The customer's JWT, or a function that gives it afresh (null: nobody is logged in). Left out: whoever it was on this
   * device stays, until `login` or `logout`. The token is never stored.
   */
  token?: Token;
  /** Names this device in the cart's lines and for notices, at most 64 characters. */
  device?: string | null;
  /** The storefront's publishable key, where the store has some. */
  key?: string | null;
  /** Has the browser keep the guest's token in a cookie that no script can read; the store needs `cookie` on. */
  credentials?: boolean;
  /** Where the queue and the guest's token are kept; the browser's localStorage unless told. */
  storage?: Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">;
}

export type Token = string | null | (() => string | null | Promise<string | null>);

export interface Item {
  sku: string;
  title: string;
  price: number;
  currency: string;
  options?: Record<string, string>;
  image_url?: string | null;
  url?: string | null;
}

export interface Line {
  line_id: string;
  sku: string;
  options: Record<string, string>;
  title: string;
  price: number;
  quantity: number;
  total: number;
  image_url: string | null;
  url: string | null;
  note: string | null;
  device: string | null;
  added_at?: string;
  updated_at?: string;
  /** True while a change of it waits for the service. */
  pending?: true;
}

export interface Notice {
  notice_id: string;
  kind: string;
  line_id: string | null;
  sku: string;
  title: string;
  before: unknown;
  after: unknown;
  at: string;
}

export interface Cart {
  id: string | null;
  store_id: string;
  customer_id: string | null;
  status: "active" | "ordered" | "merged" | "expired";
  version: number;
  currency: string | null;
  /** Digits of the minor unit, such as 2 for EUR and 0 for JPY. */
  exponent?: number | null;
  lines: Line[];
  /** Saved for later: in no total. */
  saved: Line[];
  attributes: Record<string, string>;
  notices: Notice[];
  units: number;
  total: number;
  created_at: string | null;
  updated_at: string | null;
}

/** What a link shows: the goods, and nothing of whose they are. */
export interface LinkedCart {
  store_id: string;
  currency: string | null;
  exponent: number | null;
  lines: Pick<Line, "line_id" | "sku" | "options" | "title" | "price" | "quantity" | "total" | "image_url" | "url">[];
  units: number;
  total: number;
  updated_at: string;
}

/** What a log-in did with the cart of a device. */
export interface Merge {
  merge_id: string | null;
  mode: string;
  from_cart_id: string | null;
  claimed: boolean;
  merged_at?: string | null;
  undo_until?: string | null;
  lines: MergedLine[];
}

export interface MergedLine {
  line_id: string;
  sku: string;
  title: string;
  fate: string;
  quantity: number;
  guest_quantity: number;
  reason: string | null;
}

export interface State {
  /** As it will be once everything that waits is done. */
  cart: Cart;
  /** How many commands wait for the service. */
  pending: number;
  /** Whether changes of other devices arrive by themselves. */
  live: boolean;
  customer: string | null;
}

export type CommandKind =
  | "add" | "set" | "remove" | "clear" | "note" | "save" | "restore" | "discard"
  | "attributes" | "acknowledge" | "undo" | "copy" | "claim";

export interface Command {
  kind: CommandKind;
  /** Its Idempotency-Key. */
  id: string;
  owner: string | null;
  device: string | null;
  /** The cart on which it was made: what an order has bought meanwhile is not put into the next one. */
  cart: string | null;
  [detail: string]: unknown;
}

export interface Events {
  change: null;
  /** The service refuses a command: it has been rolled back. */
  refused: { command: Command; problem: CartProblem };
  /** A command could not be sent, and is tried again in `retryInMs`. */
  waiting: { command: Command; problem: CartProblem; retryInMs: number };
  /** Nothing goes on before somebody acts: status 401 asks for a new log-in. */
  problem: { command: Command | null; problem: CartProblem };
  /** The cart of this device went to the customer who logged in. */
  merged: { merge: Merge };
  /** Commands that had not been sent when somebody logged out. */
  dropped: { commands: Command[] };
}

/** A refusal of the service (RFC 9457), or status 0 where nothing answered. */
export class CartProblem extends Error {
  readonly status: number;
  /** The end of the problem's `type`, such as `limit-reached`. */
  readonly slug: string;
  readonly body: Record<string, unknown> | null;
  readonly retryAfterMs: number;
  readonly temporary: boolean;
}

export interface Evercart extends EventTarget {
  readonly cart: Cart;
  readonly pending: number;
  readonly live: boolean;
  readonly customer: string | null;
  readonly durable: boolean;
  device: string | null;

  subscribe(listener: (state: State) => void): () => void;
  on<T extends keyof Events>(type: T, listener: (detail: Events[T]) => void): () => void;

  add(item: Item & { quantity?: number }): Promise<Cart>;
  /** Sets an absolute quantity; 0 removes. Lines are given by themselves or by their id. */
  set(line: Line | string, quantity: number): Promise<Cart>;
  remove(line: Line | string): Promise<Cart>;
  clear(): Promise<Cart>;
  note(line: Line | string, note: string | null): Promise<Cart>;
  save(line: Line | string): Promise<Cart>;
  restore(line: Line | string): Promise<Cart>;
  discard(line: Line | string): Promise<Cart>;
  setAttributes(attributes: Record<string, string | null>): Promise<Cart>;
  acknowledge(notices: (Notice | string)[]): Promise<Cart>;
  undoMerge(mergeId: string): Promise<Cart>;
  copyShared(shareToken: string): Promise<Cart>;

  merges(): Promise<unknown>;
  reserve(): Promise<unknown>;
  release(): Promise<null>;
  share(): Promise<{ share_token: string; url: string | null; expires_at: string }>;
  unshare(): Promise<null>;
  shared(shareToken: string): Promise<LinkedCart & { shared: true; expires_at: string }>;
  recover(recoveryToken: string): Promise<LinkedCart & { id: string; version: number; recovered: true }>;

  /** Headers for the store's own server, which passes them on to read this cart and to order it. */
  credentials(): Promise<Record<string, string>>;
  refresh(): Promise<Cart>;
  settled(withinMs?: number): Promise<Cart>;
  login(token: Token): Promise<void>;
  logout(withinMs?: number): Promise<Command[]>;
  close(): void;
}

export function createCart(options: Options): Evercart;
