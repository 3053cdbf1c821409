import { request } from "./requests.js";

const PERSON = "evercart.person";
const DEVICE = "evercart.device";

/** {customer_id, name, token} of whoever is logged in on this device, or null. */
export function person() {
  return JSON.parse(localStorage.getItem(PERSON) ?? "null");
}

/** The customer's token, as the cart's client asks for it. */
export function token() {
  return person()?.token ?? null;
}

export function device() {
  return localStorage.getItem(DEVICE) ?? (matchMedia("(max-width: 40rem)").matches ? "phone" : "laptop");
}

export function setDevice(name) {
  localStorage.setItem(DEVICE, name);
}

/** What says to the shop's own server who calls. */
export function credentials() {
  const current = person();
  return current ? { Authorization: `Bearer ${current.token}` } : {};
}

/** Logs in; the cart of this device is claimed apart, so that no log-in fails over a cart. */
export async function logIn(name) {
  const next = await request("POST", "/shop/api/login", { body: { name } });
  localStorage.setItem(PERSON, JSON.stringify(next));
}

/** Leaves nothing of the customer on this device. */
export function logOut() {
  localStorage.removeItem(PERSON);
}

/** Calls back when another tab of this browser logs in or out. */
export function onOtherTab(listener) {
  addEventListener("storage", (event) => {
    if (event.key === null || event.key === PERSON) listener();
  });
}
