import { prepareDialogs, showAccount } from "./account.js";
import { showCart, showCartState } from "./cart-view.js";
import { openContact, prepareContact } from "./contact.js";
import { byId, el, money, whenReleased } from "./dom.js";
import { named, sameGoods } from "./goods.js";
import { productOfAddress, showProduct } from "./product-view.js";
import { productPage, showProducts, showStock } from "./products-view.js";
import { hideIfOwn, showRecovered } from "./recovery.js";
import { request } from "./requests.js";
import { device, logIn, logOut, onOtherTab, person, setDevice, token } from "./session.js";
import { recheckToast, toast } from "./toast.js";
import { offerUndo, recheckUndo, withdrawUndo } from "./undo.js";
import { forgetWaiting, orderedNow, prepareWaiting, refreshWaiting } from "./waiting.js";

const STOCK_MS = 10_000;
const UNREACHABLE = "The cart cannot be reached just now. Reload the page in a moment.";
let shop, cart, opening;
let latest = null;
let shown = "";
let busy = Promise.resolve();

/** One thing after the other, as far as the shop's own server is concerned. */
function inTurn(work) {
  busy = busy.then(work).catch((failure) => toast(failure.message));
  return busy;
}

function show(state) {
  latest = state;
  const { id, version, status, lines, saved, notices } = state.cart;
  const next = JSON.stringify([id, version, status, lines, saved, notices, cartActions.isGuest()]);
  if (next !== shown) whenReleased("cart", () => showCart(latest.cart, cartActions));
  shown = next;
  showCartState(state);
  hideIfOwn(state.cart);
  recheckUndo(state.cart);
  recheckToast();
}

/** Puts lines back as they were; the service has them under the same ids again. */
function restore(lines) {
  for (const { sku, options, title, price, quantity, image_url, url } of lines) {
    cart.add({ sku, options: options ?? {}, title, price, currency: shop.currency, quantity, image_url, url });
  }
}

function takeOut(line) {
  cart.remove(line);
  offerUndo([line], restore);
}

function empty() {
  const { lines } = cart.cart;
  cart.clear();
  offerUndo(lines, restore);
}

const cartActions = {
  set: (line, quantity) => (quantity > 0 ? cart.set(line, quantity) : takeOut(line)),
  remove: takeOut,
  clear: empty,
  save: (line) => cart.save(line),
  restore: (line) => cart.restore(line),
  discard: (line) => cart.discard(line),
  acknowledge: (notices) => cart.acknowledge(notices),
  order: () => inTurn(order),
  contact: openContact,
  isGuest: () => person() === null,
};

function add(product) {
  if (!cart) return opening.then(() => add(product), () => toast(UNREACHABLE, () => !cart));
  const options = product.options ?? {};
  cart.add({
    sku: product.sku,
    options,
    title: product.title,
    price: product.price,
    currency: shop.currency,
    quantity: product.quantity ?? 1,
    image_url: new URL(product.picture, location.href).href,
    url: new URL(productPage(product), location.href).href,
  });
  const item = { sku: product.sku, title: product.title, options };
  return toast(`${named(item)} is in the cart.`, () => latest.cart.lines.some((line) => sameGoods(line, item)));
}

async function order() {
  await cart.settled();
  withdrawUndo();
  const skus = cart.cart.lines.map((line) => line.sku);
  const placed = await request("POST", "/shop/api/orders", { body: {}, headers: await cart.credentials() });
  notice(`Order ${placed.order_id} is placed: ${money(placed.total, placed.currency)}. Nobody will remind you of it.`);
  orderedNow(skus);
  await cart.refresh();
  await refreshShop();
}

async function enter(name) {
  await logIn(name);
  withdrawUndo();
  showAccount(shop.customers, accountActions);
  notice(`Welcome, ${person().name.split(" ")[0]}.`);
  await cart?.login(token);
  await refreshWaiting();
}

async function leave(reason) {
  logOut();
  forgetWaiting();
  withdrawUndo();
  recheckToast();
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
  recheckToast();
  if (productOfAddress() !== null) await refreshWaiting();
}

function showShop() {
  const sku = productOfAddress();
  if (sku === null) showProducts(shop, add);
  else showProduct(shop, sku, add);
  if (!byId("stock").contains(document.activeElement)) showStock(shop, (product, level) => inTurn(() => setStock(product, level)));
}

async function setStock(product, level) {
  await request("PUT", `/shop/api/stock/${product.sku}`, { body: { available: level } });
  document.activeElement?.blur();
  await refreshShop();
  toast(`${product.title}: ${level} left.`, () => shop.products.find((one) => one.sku === product.sku)?.stock === level);
}

function notice(text, ...more) {
  const box = el("div", { class: "notice" }, el("div", {}, text), ...more);
  const dismiss = () => {
    box.remove();
    byId("cart").focus({ preventScroll: true });
  };
  box.append(el("button", { class: "plain", onclick: dismiss }, "Dismiss"));
  byId("notices").replaceChildren(box);
  return box;
}

function merged({ merge }) {
  if (!merge.claimed && !merge.from_cart_id) return;
  const takeBack = () => {
    cart.undoMerge(merge.merge_id);
    box.remove();
    byId("cart").focus({ preventScroll: true });
  };
  const undo = el("button", { class: "plain", onclick: takeBack }, "Undo");
  const box = notice(
    `Welcome, ${person()?.name.split(" ")[0] ?? "back"}. What was in this device's cart is in yours now.`,
    ...(merge.merge_id && merge.from_cart_id && merge.lines?.length ? [undo] : []),
  );
}

/** What was refused holds for the cart as it was: once something else went through, it is history. */
function refusal(words) {
  const version = cart.cart.version;
  toast(words, () => latest.cart.version === version);
}

/** What the cart's client tells, apart from the cart. */
function listen() {
  cart.on("merged", merged);
  cart.on("refused", ({ problem }) => refusal(problem.message));
  cart.on("waiting", ({ problem }) => problem.status && toast(problem.message, () => latest.pending > 0));
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
  new IntersectionObserver(([seen]) => byId("count").parentElement.classList.toggle("at-cart", seen.isIntersecting)).observe(byId("cart"));
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
  prepareContact((contact) => cart.setContact(contact));
  prepareWaiting(() => opening.then(() => cart), showShop);
  showAccount(shop.customers, accountActions);
  showCart(null, cartActions);
  keepFresh();
  await opening;
  if (productOfAddress() !== null) inTurn(refreshWaiting);
  const link = new URLSearchParams(location.search).get("recover");
  if (link) await showRecovered(link, cart, { takeOver, logIn: () => byId("login").showModal() });
}

start().catch((failure) => toast(failure instanceof TypeError ? UNREACHABLE : failure.message));
