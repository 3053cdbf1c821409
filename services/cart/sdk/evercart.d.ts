/** Evercart in a storefront's page; see README.md. Money is in minor units of the cart's currency. */

/** What is known today; later releases of the service may answer with more. */
export type Open<Known extends string> = Known | (string & Record<never, never>);

export type Json = string | number | boolean | null | Json[] | { [member: string]: Json };

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
  /** Where the queue and the guest's token are kept; the browser's localStorage unless told, null for memory alone. */
  storage?: KeyStorage | null;
}

/** What of a `Storage` is used. */
export interface KeyStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
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
  /** Left out of a line that the service has not seen yet, as is `updated_at`. */
  added_at?: string;
  updated_at?: string;
  /** The latest changes of the quantity: the cart's version after each, and the units before it. */
  history?: [version: number, before: number][];
  /** When these changes were made but for the first, in milliseconds since 1970. */
  changed_at?: number[];
  /** Whether a server of the shop has set its price. */
  fixed_price?: boolean;
  /** True while a change of it waits for the service. */
  pending?: true;
}

/** A line that is set aside: in no total, and in a currency of its own. */
export interface SavedLine extends Line {
  currency: string;
}

export type NoticeKind = Open<
  "price_changed" | "price_taken" | "out_of_stock" | "low_stock" | "quantity_cut" | "line_merged" | "line_moved"
>;

/** What changed since the customer last looked: `before` and `after` are minor units of a price, or units. */
export interface Notice {
  notice_id: string;
  kind: NoticeKind;
  line_id: string;
  sku: string;
  title: string;
  before: number | null;
  after: number | null;
  at: string;
}

export type CartStatus = Open<"active" | "ordered" | "merged" | "expired">;

export interface Cart {
  id: string | null;
  store_id: string;
  customer_id: string | null;
  status: CartStatus;
  version: number;
  currency: string | null;
  /** Digits of the minor unit, such as 2 for EUR and 0 for JPY; null while the service has not told it. */
  exponent: number | null;
  lines: Line[];
  /** Saved for later: in no total. */
  saved: SavedLine[];
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
  lines: LinkedLine[];
  units: number;
  total: number;
  updated_at: string;
}

export type LinkedLine = Pick<
  Line, "line_id" | "sku" | "options" | "title" | "price" | "quantity" | "total" | "image_url" | "url"
>;

export interface SharedCart extends LinkedCart {
  shared: true;
  expires_at: string;
}

/** `id` and `version` are for the order that the shop's server may take from it. */
export interface RecoveredCart extends LinkedCart {
  id: string;
  version: number;
  recovered: true;
}

export interface Share {
  share_token: string;
  /** Null where the store has no page for shared carts. */
  url: string | null;
  expires_at: string;
}

/** What a guest leaves: an e-mail address, a phone number in international form, handles of chats; replaces what was left before. */
export interface GuestContact {
  email?: string;
  phone?: string;
  /** Of further channels: `whatsapp` is a number in international form, `telegram` the id of a chat. Each is asked first. */
  handles?: Record<string, string>;
  name?: string;
  /** A language of messages (BCP 47); the store's where it is left out. */
  locale?: string;
  /** An IANA name; quiet hours are in it. */
  timezone?: string;
  /** Of the delivery address (ISO 3166-1 alpha-2), and what follows it in ISO 3166-2, such as `CA`: they say which laws hold. */
  country?: string;
  region?: string;
  /** What the guest agreed to, each in the words beside the box: they are the proof. */
  consents?: GuestConsent[];
}

export interface GuestConsent {
  /** `email`, `sms`, or a channel of `handles`. */
  channel: string;
  wording: string;
}

/** What a log-in did with the cart of a device; `claimed` is false where there was nothing to take over. */
export interface Merge {
  merge_id: string | null;
  mode: MergeMode;
  from_cart_id: string | null;
  claimed: boolean;
  merged_at: string | null;
  undo_until: string | null;
  lines: MergedLine[];
  undone_at: string | null;
}

export type MergeMode = Open<"max" | "sum" | "guest_wins" | "customer_wins" | "save_for_later">;
export type MergeFate = Open<"added" | "raised" | "lowered" | "kept" | "saved" | "set_aside" | "dropped">;
export type MergeReason = Open<"currency" | "limit" | "stock" | "mode">;

/** `quantity` is in the cart now, `set_aside` among the saved lines, and `dropped` fitted nowhere. */
export interface MergedLine {
  line_id: string;
  sku: string;
  title: string;
  fate: MergeFate;
  quantity: number;
  guest_quantity: number;
  own_quantity: number;
  set_aside: number;
  dropped: number;
  reason: MergeReason | null;
  device: string | null;
  added_at: string;
}

/** An item of which somebody wants to be told; the message calls it by its title, shows its picture and leads to its url. */
export interface WatchedItem {
  sku: string;
  options?: Record<string, string>;
  title?: string;
  url?: string;
  image_url?: string;
  /** Of a guest: where to write, and what they agreed to in the words beside the box. */
  contact?: {
    email?: string;
    phone?: string;
    handles?: Record<string, string>;
    name?: string;
    locale?: string;
    timezone?: string;
    country?: string;
    region?: string;
    consents?: { channel: string; wording: string }[];
  };
}

/** Somebody waits for an item, until they are told, order it, or it is `until`. */
export interface Watch {
  watch_id: string;
  sku: string;
  options: Record<string, string>;
  title: string | null;
  url: string | null;
  image_url: string | null;
  set_at: string;
  until: string;
}

/** A product that a page shows: what a reminder calls it, and its page and picture where those are the store's. */
export interface ViewedProduct {
  sku: string;
  title?: string | null;
  url?: string | null;
  image_url?: string | null;
}

/** What is held back for the cart, line by line, until when; without a cart there is nothing. */
export interface Reservation {
  cart_id: string | null;
  version: number;
  expires_at: string | null;
  lines: ReservedLine[];
}

/** `short` units of the line are not there. */
export interface ReservedLine {
  line_id: string;
  sku: string;
  quantity: number;
  reserved: number;
  short: number;
}

export interface State {
  /** As it will be once everything that waits is done. */
  cart: Cart;
  /** How many commands wait for the service. */
  pending: number;
  /** Whether changes of other devices arrive by themselves. */
  live: boolean;
  customer: string | null;
  /** Whether what waits would survive the end of the page. */
  durable: boolean;
}

/** A line as a command names it: by what is in it, too, because that may come back under another id. */
export interface LineRef {
  line_id: string;
  sku?: string;
  options?: Record<string, string>;
}

/** What a shopper asked for, as the queue keeps it. */
export type Command = CommandHead & CommandDetail;

export interface CommandHead {
  /** Its Idempotency-Key. */
  id: string;
  /** The customer's id, null for a guest. */
  owner: string | null;
  device: string | null;
  /** The cart on which it was made: what an order has bought meanwhile is not put into the next one. */
  cart: string | null;
}

export type CommandDetail =
  | { kind: "add"; item: Item; quantity: number }
  | { kind: "set"; line: LineRef; quantity: number }
  | { kind: "note"; line: LineRef; note: string | null }
  | { kind: "remove" | "save" | "restore" | "discard"; line: LineRef }
  | { kind: "attributes"; attributes: Record<string, string | null> }
  | { kind: "acknowledge"; notices: string[] }
  | { kind: "undo"; merge: string }
  | { kind: "copy"; token: string }
  | { kind: "clear" | "claim" | "checkout" };

export type CommandKind = CommandDetail["kind"];

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
  /** What the service made of a command, told this once: such as another price than the page's. */
  noticed: { notices: Notice[] };
  /** Commands that had not been sent when somebody logged out. */
  dropped: { commands: Command[] };
  /** It is somebody else who shops in this window; `elsewhere`: by a log-in or log-out in another one. */
  customer: { customer: string | null; before: string | null; elsewhere: boolean };
  /** Whether what waits would survive the end of the page, and why it would not. */
  storage: { durable: boolean; reason: StorageReason | null };
}

/** The storage takes no more, the browser allows none, or somebody has emptied it under the page. */
export type StorageReason = "full" | "blocked" | "cleared";

/** Slugs of this client are `unreachable`, `unsettled`, `logged-out` and `token-unavailable`; the service's are in its documentation. */
export type ProblemSlug = Open<
  | "unreachable" | "unsettled" | "logged-out" | "token-unavailable"
  | "unknown-line" | "limit-reached" | "currency-mismatch" | "currency-not-accepted" | "reservations-off"
  | "unknown-cart" | "unknown-link" | "link-expired" | "link-revoked" | "cart-gone"
  | "unknown-merge" | "merge-undone" | "merge-settled" | "undo-expired"
  | "publishable-key-required" | "origin-not-allowed" | "unauthorized" | "unknown-store" | "invalid-request"
  | "request-in-flight" | "idempotency-key-reused" | "rate-limited" | "too-many-streams" | "busy" | "unavailable"
>;

/** The service's problem document (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: Fault[];
  /** Facts of one type of problem, such as `limit` or `currency`. */
  [member: string]: Json | Fault[] | undefined;
}

/** One faulty field: a JSON Pointer (RFC 6901) and the rule that it breaks. */
export interface Fault {
  pointer: string;
  detail: string;
}

/** A refusal of the service, or status 0 where nothing answered. */
export class CartProblem extends Error {
  constructor(status: number, slug: ProblemSlug, detail: string, body?: Problem | null, retryAfterMs?: number);
  readonly name: "CartProblem";
  readonly status: number;
  /** The end of the problem's `type`, such as `limit-reached`. */
  readonly slug: ProblemSlug;
  readonly body: Problem | null;
  readonly retryAfterMs: number;
  /** Whether the same request may succeed later. */
  readonly temporary: boolean;
}

/** Headers that say who shops: `Authorization` or `X-Cart-Token`; none where a cookie does. */
export interface Credentials extends Record<string, string | undefined> {
  Authorization?: string;
  "X-Cart-Token"?: string;
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
  set(line: LineRef | string, quantity: number): Promise<Cart>;
  remove(line: LineRef | string): Promise<Cart>;
  clear(): Promise<Cart>;
  note(line: LineRef | string, note: string | null): Promise<Cart>;
  save(line: LineRef | string): Promise<Cart>;
  restore(line: LineRef | string): Promise<Cart>;
  discard(line: LineRef | string): Promise<Cart>;
  setAttributes(attributes: Record<string, string | null>): Promise<Cart>;
  acknowledge(notices: (Pick<Notice, "notice_id"> | string)[]): Promise<Cart>;
  /** Tells that the shopper begins to pay for what is in the cart: once for the same goods, however often it is called. */
  startCheckout(): Promise<Cart>;
  undoMerge(mergeId: string): Promise<Cart>;
  copyShared(shareToken: string): Promise<Cart>;

  /** Holds back what is in the cart, as the service knows it, for the minutes that the store gives. */
  reserve(): Promise<Reservation>;
  release(): Promise<null>;
  merges(): Promise<{ merges: Merge[] }>;
  /** Asks to be told, once, when an item is back. A guest says where to write, the first time. */
  watch(item: WatchedItem): Promise<Watch>;
  /** Ends a watch, given it or its id; without one all of them. */
  unwatch(watch?: Watch | string): Promise<null>;
  watches(): Promise<Watch[]>;
  /** Tells what a customer looks at, where the store keeps that; of a guest nothing is sent. At most 50 at once. */
  viewed(...products: ViewedProduct[]): Promise<void>;
  share(): Promise<Share>;
  unshare(): Promise<null>;
  /**
   * Where a guest may be written to about this cart, once they send the form. Whoever has the address is asked first, where
   * store or country wants that, and always for texts. Nothing of it is kept on the device, and no answer shows it.
   */
  setContact(contact: GuestContact): Promise<null>;
  shared(shareToken: string): Promise<SharedCart>;
  recover(recoveryToken: string): Promise<RecoveredCart>;

  /** Headers for the store's own server, which passes them on to read this cart and to order it. */
  credentials(): Promise<Credentials>;
  refresh(): Promise<Cart>;
  settled(withinMs?: number): Promise<Cart>;
  login(token: Token): Promise<void>;
  logout(withinMs?: number): Promise<Command[]>;
  close(): void;
}

export function createCart(options: Options): Evercart;
