// What a page in TypeScript may write, and may not: read by the type checker, never run.
import { CartProblem, createCart } from "evercart";
import type {
  Cart, Command, Events, Evercart, Merge, Notice, Options, Reservation, SavedLine, State, ViewedProduct, Watch, WatchedItem,
} from "evercart";

const options: Options = { baseUrl: "https://cart.example.com", store: "shop", token: async () => null, storage: null };
const cart: Evercart = createCart(options);

const stop: () => void = cart.subscribe((state: State) => {
  const { exponent }: Cart = state.cart;
  const digits: number = exponent ?? 2;
  const money: string[] = state.cart.saved.map((line: SavedLine) => `${line.price / 10 ** digits} ${line.currency}`);
  const durable: boolean = state.durable;
  console.log(money, durable);
});
stop();

function words(notice: Notice): string {
  switch (notice.kind) {
    case "price_changed": return `${notice.before ?? 0} is ${(notice.after ?? 0) + 1} now`;
    case "low_stock": return "few left";
    default: return notice.kind.toUpperCase(); // one that a later release may tell
  }
}

function described(command: Command): string {
  switch (command.kind) {
    case "add": return `${command.quantity} of ${command.item.sku}`;
    case "set": return `${command.line.line_id}: ${command.quantity}`;
    case "attributes": return Object.keys(command.attributes).join();
    case "clear": case "claim": case "checkout": return command.kind;
    default: return command.id;
  }
}

cart.on("refused", ({ command, problem }) => {
  const known: boolean = problem instanceof CartProblem && problem.slug === "limit-reached";
  const fault: string | undefined = problem.body?.errors?.[0]?.pointer;
  console.log(known, fault, described(command));
});
cart.on("customer", ({ customer, elsewhere }: Events["customer"]) => console.log(customer?.length, elsewhere));
cart.on("storage", ({ reason }) => reason === "full" && console.log(reason));
cart.on("noticed", ({ notices }) => console.log(notices.map(words)));
cart.on("merged", ({ merge }) => console.log(merge.lines.map((line) => line.own_quantity + line.set_aside)));

async function order(): Promise<number> {
  await cart.add({ sku: "tea", title: "Tea", price: 500, currency: "EUR", quantity: 2 });
  await cart.set({ line_id: "1" }, 3);
  const paying: Cart = await cart.startCheckout();
  const held: Reservation = await cart.reserve();
  const short: number = held.lines.reduce((sum, line) => sum + line.short, 0);
  const nothing: null = await cart.release();
  const merges: Merge[] = (await cart.merges()).merges;
  const headers: HeadersInit = await cart.credentials() as Record<string, string>;
  const left: Command[] = await cart.logout();
  console.log(paying.units, nothing, merges[0]?.mode === "max", headers, left.length);
  return short;
}
order();

async function looksAround(): Promise<string[]> {
  const mug: ViewedProduct = { sku: "mug", title: "Mug", url: "https://shop.example/mug", image_url: null };
  const seen: void = await cart.viewed(mug, { sku: "jug" });
  const wanted: WatchedItem = { sku: "mug", options: { size: "L" }, image_url: "https://shop.example/mug.jpg" };
  const made: Watch = await cart.watch({ ...wanted, contact: { email: "a@b.example", consents: [{ channel: "email", wording: "Yes." }] } });
  const over: null = await cart.unwatch(made);
  console.log(seen, over, made.image_url?.length);
  return (await cart.watches()).map((one: Watch) => one.title ?? one.sku);
}
looksAround();

// @ts-expect-error a product is named by its sku
cart.viewed({ title: "Mug" });
// @ts-expect-error products come one by one, not as a list
cart.viewed([{ sku: "mug" }]);
// @ts-expect-error what is waited for has a sku
cart.watch({ title: "Mug" });

// @ts-expect-error there is no such event
cart.on("chnage", () => undefined);
// @ts-expect-error a store has to be named
createCart({ baseUrl: "https://cart.example.com" });
// @ts-expect-error prices are in minor units
cart.add({ sku: "tea", title: "Tea", price: "5.00", currency: "EUR" });
// @ts-expect-error it is read, not set
cart.customer = "ana";
// @ts-expect-error only an add has an item
cart.on("dropped", ({ commands }) => console.log(commands[0]?.item));
// @ts-expect-error the reasons are three
cart.on("storage", ({ reason }) => reason === "fall");
