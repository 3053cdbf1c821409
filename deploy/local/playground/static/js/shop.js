import { prepareDialogs, showAccount } from "./account.js";
import { CartClient } from "./cart-client.js";
import { showCart } from "./cart-view.js";
import { byId, el, money, toast } from "./dom.js";
import { showProducts, showStock } from "./products-view.js";
import { hideIfOwn, showRecovered } from "./recovery.js";
import { request } from "./requests.js";
import { claim, credentials, device, logIn, logOut, onOtherTab, person, setDevice } from "./session.js";

const REFRESH_MS = 4000;
let shop, client;
let shown = "";
let busy = Promise.resolve();

/** Does one thing after the other, so that an older answer never covers a newer one. */
function inTurn(work) {
  busy = busy.then(work).catch((failure) => {
    if (failure.status === 401 && person()) return leave("Your log-in has ended. Log in again to see your cart.");
    toast(failure.message);
  });
  return busy;
}

function show(cart) {
  const state = JSON.stringify([cart?.id, cart?.version, cart?.status]);
  if (state !== shown) showCart(cart, cartActions);
  shown = state;
  hideIfOwn(cart);
}

const cartActions = {
  set: (line, quantity) => inTurn(async () => show(await client.set(line, quantity))),
  remove: (line) => inTurn(async () => show(await client.remove(line))),
  clear: () => inTurn(async () => show(await client.clear())),
  order: () => inTurn(order),
};

async function add(product) {
  show(await client.add(product, shop.currency));
  toast(`${product.title} is in the cart.`);
}

async function order() {
  const headers = credentials();
  const placed = await request("POST", "/shop/api/orders", { body: {}, headers });
  notice(`Order ${placed.order_id} is placed: ${money(placed.total, placed.currency)}. Nobody will remind you of it.`);
  show(await client.read());
  await refreshShop();
}

async function enter(name) {
  await logIn(name);
  showAccount(shop.customers, accountActions);
  notice(`Welcome, ${person().name.split(" ")[0]}.`);
  await claimAndShow();
}

/** A cart that could not be claimed now is claimed when the page is opened again. */
async function claimAndShow() {
  const merge = await claim(client.base);
  if (merge?.claimed || merge?.from_cart_id) {
    notice(`Welcome, ${person().name.split(" ")[0]}. What was in this device's cart is in yours now.`);
  }
  show(await client.read());
}

async function leave(reason) {
  logOut();
  showAccount(shop.customers, accountActions);
  show(null);
  notice(reason);
}

const accountActions = {
  logIn: (name) => inTurn(() => enter(name)),
  logOut: () => inTurn(() => leave("You are logged out. This device starts clean.")),
};

async function takeOver(cart) {
  for (const line of cart.lines) {
    const product = { ...line, picture: line.image_url ?? "" };
    show(await client.add(product, cart.currency, line.quantity));
  }
  byId("recovered").hidden = true;
  byId("cart").focus();
}

async function refreshShop() {
  const fresh = await request("GET", "/shop/api/store");
  const changed = JSON.stringify(fresh) !== JSON.stringify(shop);
  shop = fresh;
  if (!changed) return;
  showProducts(shop, (product) => inTurn(() => add(product)));
  if (!byId("stock").contains(document.activeElement)) showStock(shop, (product, level) => inTurn(() => setStock(product, level)));
}

async function setStock(product, level) {
  await request("PUT", `/shop/api/stock/${product.sku}`, { body: { available: level } });
  document.activeElement?.blur();
  await refreshShop();
  toast(`${product.title}: ${level} left.`);
}

function notice(text) {
  const box = el("div", { class: "notice" }, el("div", {}, text));
  box.append(el("button", { class: "plain", onclick: () => box.remove() }, "Dismiss"));
  byId("notices").replaceChildren(box);
}

/** Other devices change the same cart: look when this tab is looked at. */
function keepFresh() {
  const refresh = () => {
    if (document.visibilityState !== "visible") return;
    inTurn(async () => {
      try {
        show(await client.read());
        await refreshShop();
      } catch (failure) {
        // Nobody asked for this look; the next one comes soon.
        if (failure.status === 401) throw failure;
      }
    });
  };
  addEventListener("focus", refresh);
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, REFRESH_MS);
  onOtherTab(() => {
    showAccount(shop.customers, accountActions);
    refresh();
  });
}

async function start() {
  await refreshShop();
  client = new CartClient(shop.cart_url, shop.store);
  byId("device").value = device();
  byId("device").addEventListener("change", (event) => setDevice(event.target.value));
  prepareDialogs(accountActions);
  showAccount(shop.customers, accountActions);
  showCart(null, cartActions);
  const token = new URLSearchParams(location.search).get("recover");
  if (token) {
    await showRecovered(token, client, { takeOver: (cart) => inTurn(() => takeOver(cart)), logIn: () => byId("login").showModal() });
  }
  await inTurn(claimAndShow);
  keepFresh();
}

start().catch((failure) => toast(failure.message));
