import { byId, el } from "./dom.js";
import { productPage } from "./products-view.js";
import { person } from "./session.js";
import { recheckToast, toast } from "./toast.js";

const ASKED = "evercart.asked";
const WORDS = {
  asked: "We will tell you once, when it is back.",
  told: "It was back, and we have told you. It is sold out again.",
  back: "You asked us to tell you: it is back.",
};
let client, redraw;
let waiting = new Map();
let wanted = null;

/** Wires the form of a guest; `openCart()` gives a promise of the cart's client, `draw()` shows the product anew. */
export function prepareWaiting(openCart, draw) {
  client = openCart;
  redraw = draw;
  byId("watch-form").addEventListener("submit", (event) => {
    event.preventDefault();
    leave(event.target);
  });
}

/** Reads what this shopper waits for, where they have asked for something here or are known. */
export async function refreshWaiting() {
  if (!person() && !Object.keys(asked()).length) return;
  const cart = await client();
  known(await cart.watches());
}

/** What was ordered is waited for no more, and nobody has to be told that it was told. */
export function orderedNow(skus) {
  for (const sku of skus) remember(sku, false);
}

/** Nothing of whoever has left stays on the device. */
export function forgetWaiting() {
  localStorage.removeItem(ASKED);
  known([]);
}

/** What a product's page offers whoever finds it sold out, and tells whoever has asked. */
export function waitingFor(product) {
  const soldOut = product.stock === 0;
  const state = waiting.has(product.sku) ? "asked" : asked()[product.sku] ? "told" : "";
  if (!state && !soldOut) return [];
  const words = state === "told" && !soldOut ? WORDS.back : WORDS[state];
  return [el("div", { class: `waiting ${state}` }, words && el("span", {}, words), control(product, state, soldOut))];
}

function control(product, state, soldOut) {
  const button = (name, words, onclick) => el("button", { type: "button", class: name, onclick, "data-focus": "waiting" }, words);
  if (state === "asked") return button("plain", "Undo", () => once(() => undo(product)));
  if (!soldOut) return button("plain", "Dismiss", () => { remember(product.sku, false); redraw(); });
  return button("", state ? "Tell me again" : "Tell me when it is back", () => once(() => ask(product)));
}

async function ask(product) {
  if (!person() && !waiting.size) return open(product);
  try {
    await watch(product);
  } catch (failure) {
    if (failure.slug !== "contact-required") throw failure;
    return open(product);
  }
  return toast(WORDS.asked, () => waiting.has(product.sku));
}

function open(product) {
  wanted = product;
  byId("watch-form").reset();
  byId("watch-problem").textContent = "";
  byId("watch-title").textContent = `Tell me when it is back: ${product.title}`;
  byId("watch").showModal();
}

/** What stands below the address is what was agreed to. */
async function leave(form) {
  const button = form.querySelector("button");
  const wording = byId("watch-words").textContent.trim().replace(/\s+/g, " ");
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  button.disabled = true;
  try {
    await watch(wanted, { email: form.elements.email.value.trim(), timezone, consents: [{ channel: "email", wording }] });
    byId("watch").close();
    toast("Thank you. Look for our first message, and say yes in it.");
  } catch (failure) {
    const closed = failure.slug === "guest-contacts-off";
    byId("watch-problem").textContent = closed ? "We only write to customers. Log in, and ask again." : failure.message;
  } finally {
    button.disabled = false;
  }
}

async function watch(product, contact) {
  const cart = await client();
  const url = new URL(productPage(product), location.href).href;
  const image_url = product.picture && new URL(product.picture, location.href).href;
  const made = await cart.watch({ sku: product.sku, title: product.title, url, image_url, contact });
  remember(product.sku, true);
  known([...waiting.values(), made]);
}

async function undo(product) {
  const cart = await client();
  await cart.unwatch(waiting.get(product.sku));
  remember(product.sku, false);
  known([...waiting.values()].filter((one) => one.sku !== product.sku));
  toast("We will not tell you.", () => !waiting.has(product.sku));
}

let busy = false;

/** One press at a time; what fails is said. */
async function once(work) {
  if (busy) return;
  busy = true;
  try {
    await work();
  } catch (failure) {
    toast(failure.message);
  } finally {
    busy = false;
  }
}

function known(watches) {
  const before = JSON.stringify([...waiting.keys()]);
  waiting = new Map(watches.map((one) => [one.sku, one]));
  for (const sku of waiting.keys()) remember(sku, true);
  if (JSON.stringify([...waiting.keys()]) === before) return;
  redraw();
  recheckToast();
}

/** By sku: what was asked for here and not taken back. What is waited for no more has been told. */
function asked() {
  return JSON.parse(localStorage.getItem(ASKED) ?? "{}");
}

function remember(sku, is) {
  const { [sku]: _, ...others } = asked();
  localStorage.setItem(ASKED, JSON.stringify(is ? { ...others, [sku]: true } : others));
}
