import { readOnlyLine } from "./cart-view.js";
import { byId, el, money } from "./dom.js";

let recoveredId = null;

/** Shows the cart behind a letter's link; `on` has takeOver(cart) and logIn(). Nobody is logged in by a link. */
export async function showRecovered(token, client, on) {
  const section = byId("recovered");
  section.hidden = false;
  try {
    const cart = await client.recover(token);
    recoveredId = cart.id;
    section.replaceChildren(...recovered(cart, on));
  } catch (failure) {
    const words = failure.slug === "cart-gone" ? "This cart is closed" : "This link no longer opens a cart";
    section.replaceChildren(title(words), el("p", {}, failure.message));
  }
}

function recovered(cart, on) {
  if (cart.lines.length === 0) {
    return [title("This cart is empty"), el("p", {}, "There is nothing in it any more.")];
  }
  return [
    title("Here is what you left behind"),
    el("p", { class: "soft" }, "This is your cart as it is now. The link shows it and nothing else; to order, log in or take these things over."),
    el("ul", { class: "lines" }, ...cart.lines.map((line) => readOnlyLine(line, cart.currency))),
    el("div", { class: "total" }, el("span", {}, "Total"), el("span", {}, money(cart.total, cart.currency))),
    el(
      "div",
      { class: "actions" },
      el("button", { onclick: on.logIn }, "Log in to continue"),
      el("button", { class: "quiet", onclick: () => on.takeOver(cart) }, "Take over into this device's cart"),
    ),
  ];
}

/** Once the same cart is this device's own, it need not be shown twice. */
export function hideIfOwn(cart) {
  if (recoveredId === null || cart?.id !== recoveredId) return;
  const section = byId("recovered");
  const within = section.contains(document.activeElement);
  section.hidden = true;
  if (within) byId("cart").focus();
}

function title(text) {
  return el("h2", { id: "recovered-title" }, text);
}
