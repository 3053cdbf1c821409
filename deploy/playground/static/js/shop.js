import { prepareDialogs, showAccount } from "./account.js";
import { showCart, showCartState } from "./cart-view.js";
import { byId, el, money, toast } from "./dom.js";
import { showProducts, showStock } from "./products-view.js";
import { hideIfOwn, showRecovered } from "./recovery.js";
import { request } from "./requests.js";
import { device, logIn, logOut, onOtherTab, person, setDevice, token } from "./session.js";

const STOCK_MS = 10_000;
const UNREACHABLE = "The cart cannot be reached just now. Reload the page in a moment.";
let shop, cart, opening;
let shown = "";
let busy = Promise.resolve();

/** One thing after the other, as far as the shop's own server is concerned. */
function inTurn(work) {
  busy = busy.then(work).catch((failure) => toast(failure.message));
  return busy;
}

function show(state) {
  const { id, version, status, lines, saved, notices } = state.cart;
  const next = JSON.stringify([id, version, status, lines, saved, notices]);
  if (next !== shown) showCart(state.cart, cartActions);
  shown = next;
  showCartState(state);
  hideIfOwn(state.cart);
}

const cartActions = {
  set: (line, quantity) => cart.set(line, quantity),
  remove: (line) => cart.remove(line),
  clear: () => cart.clear(),
  save: (line) => cart.save(line),
  restore: (line) => cart.restore(line),
  discard: (line) => cart.discard(line),
  acknowledge: (notices) => cart.acknowledge(notices),
  order: () => inTurn(order),
};

function add(product) {
  if (!cart) return opening.then(() => add(product), () => toast(UNREACHABLE));
  cart.add({
    sku: product.sku,
    title: product.title,
    price: product.price,
    currency: shop.currency,
    quantity: product.quantity ?? 1,
    image_url: new URL(product.picture, location.href).href,
    url: new URL(`/shop#${product.sku}`, location.href).href,
  });
  return toast(`${product.title} is in the cart.`);
}

async function order() {
  await cart.settled();
  const placed = await request("POST", "/shop/api/orders", { body: {}, headers: await cart.credentials() });
  notice(`Order ${placed.order_id} is placed: ${money(placed.total, placed.currency)}. Nobody will remind you of it.`);
  await cart.refresh();
  await refreshShop();
}

async function enter(name) {
  await logIn(name);
  showAccount(shop.customers, accountActions);
  notice(`Welcome, ${person().name.split(" ")[0]}.`);
  await cart?.login(token);
}

async function leave(reason) {
  logOut();
  showAccount(shop.customers, accountActions);
  notice(reason);
  await cart?.logout();
}

const accountActions = {
  logIn: (name) => inTurn(() => enter(name)),
  logOut: () => inTurn(() => leave("You are logged out. This device starts clean.")),
};

function takeOver(recovered) {
  for (const line of recovered.lines) add({ ...line, picture: line.image_url ?? "" });
  byId("recovered").hidden = true;
  byId("cart").focus();
}

async function refreshShop() {
  const fresh = await request("GET", "/shop/api/store");
  const changed = JSON.stringify(fresh) !== JSON.stringify(shop);
  shop = fresh;
  if (changed) showShop();
}

function showShop() {
  showProducts(shop, add);
  if (!byId("stock").contains(document.activeElement)) showStock(shop, (product, level) => inTurn(() => setStock(product, level)));
}

async function setStock(product, level) {
  await request("PUT", `/shop/api/stock/${product.sku}`, { body: { available: level } });
  document.activeElement?.blur();
  await refreshShop();
  toast(`${product.title}: ${level} left.`);
}

function notice(text, ...more) {
  const box = el("div", { class: "notice" }, el("div", {}, text), ...more);
  box.append(el("button", { class: "plain", onclick: () => box.remove() }, "Dismiss"));
  byId("notices").replaceChildren(box);
}

function merged({ merge }) {
  if (!merge.claimed && !merge.from_cart_id) return;
  const undo = el("button", { class: "plain", onclick: () => cart.undoMerge(merge.merge_id) }, "Undo");
  notice(
    `Welcome, ${person()?.name.split(" ")[0] ?? "back"}. What was in this device's cart is in yours now.`,
    ...(merge.merge_id && merge.from_cart_id && merge.lines?.length ? [undo] : []),
  );
}

/** What the cart's client tells, apart from the cart. */
function listen() {
  cart.on("merged", merged);
  cart.on("refused", ({ problem }) => toast(problem.message));
  cart.on("waiting", ({ problem }) => problem.status && toast(problem.message));
  cart.on("problem", ({ problem }) => {
    if (problem.status === 401 && person()) inTurn(() => leave("Your log-in has ended. Log in again to see your cart."));
  });
  cart.subscribe(show);
}

/** The client comes from the cart service itself. */
async function openCart() {
  const { createCart } = await import(`${shop.cart_url}/sdk/evercart.js`);
  cart = createCart({ baseUrl: shop.cart_url, store: shop.store, token, device: device() });
  listen();
}

/** The cart is live; the shop's own stock is asked for now and then, while the page is looked at. */
function keepFresh() {
  const refresh = () => document.visibilityState === "visible" && refreshShop().catch(() => {});
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, STOCK_MS);
  onOtherTab(() => showAccount(shop.customers, accountActions));
}

async function start() {
  shop = await request("GET", "/shop/api/store");
  opening = openCart();
  showShop();
  byId("device").value = device();
  byId("device").addEventListener("change", (event) => {
    setDevice(event.target.value);
    if (cart) cart.device = event.target.value;
  });
  prepareDialogs(accountActions);
  showAccount(shop.customers, accountActions);
  showCart(null, cartActions);
  keepFresh();
  await opening;
  const link = new URLSearchParams(location.search).get("recover");
  if (link) await showRecovered(link, cart, { takeOver, logIn: () => byId("login").showModal() });
}

start().catch((failure) => toast(failure instanceof TypeError ? UNREACHABLE : failure.message));
