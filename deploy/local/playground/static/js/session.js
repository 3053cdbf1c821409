import { request } from "./requests.js";

const PERSON = "evercart.person";
const GUEST = "evercart.cart-token";
const DEVICE = "evercart.device";

/** {customer_id, name, token} of whoever is logged in on this device, or null. */
export function person() {
  return JSON.parse(localStorage.getItem(PERSON) ?? "null");
}

export function guestToken() {
  return localStorage.getItem(GUEST);
}

export function device() {
  return localStorage.getItem(DEVICE) ?? (matchMedia("(max-width: 40rem)").matches ? "phone" : "laptop");
}

export function setDevice(name) {
  localStorage.setItem(DEVICE, name);
}

/** What says to the cart API who calls; empty for somebody who has no cart yet. */
export function credentials() {
  const current = person();
  if (current) return { Authorization: `Bearer ${current.token}` };
  return guestToken() ? { "X-Cart-Token": guestToken() } : {};
}

/** As `credentials`, but takes a cart token first if this device has none. */
export async function credentialsForWriting(cartBase) {
  if (!person() && !guestToken()) {
    const { cart_token: token } = await request("POST", `${cartBase}/cart/token`);
    localStorage.setItem(GUEST, token);
  }
  return credentials();
}

/** Logs in; the cart of this device is claimed apart, so that no log-in fails over a cart. */
export async function logIn(name) {
  const next = await request("POST", "/shop/api/login", { body: { name } });
  localStorage.setItem(PERSON, JSON.stringify(next));
}

/** Hands the cart of this device to whoever is logged in; returns what became of it, or null if there is nothing to do. */
export async function claim(cartBase) {
  const token = guestToken();
  if (!token || !person()) return null;
  const headers = { ...credentials(), "X-Device": device() };
  const { merge } = await request("POST", `${cartBase}/cart/claim`, { body: { cart_token: token }, headers });
  localStorage.removeItem(GUEST);
  return merge;
}

/** Leaves nothing of the customer on this device. */
export function logOut() {
  localStorage.removeItem(PERSON);
  localStorage.removeItem(GUEST);
}

/** Calls back when another tab of this browser logs in or out. */
export function onOtherTab(listener) {
  addEventListener("storage", (event) => {
    if (event.key === null || event.key === PERSON || event.key === GUEST) listener();
  });
}
