import { byId, el } from "./dom.js";
import { named, sameGoods } from "./goods.js";

let waiting = null;

/** Offers to bring lines back that were just taken out, until they are there again or the offer makes no sense. */
export function offerUndo(lines, restore) {
  if (lines.length === 0) return;
  const words = lines.length === 1 ? `${named(lines[0])} is out of the cart.` : "The cart is empty now.";
  const undo = () => {
    withdrawUndo();
    byId("cart").focus({ preventScroll: true });
    restore(lines);
  };
  const button = el("button", { class: "plain", "aria-label": `Undo: ${words}`, "data-focus": "undo", onclick: undo }, "Undo");
  byId("undo").replaceChildren(el("div", { class: "notice" }, el("div", {}, words), button));
  waiting = lines;
  button.focus({ preventScroll: true });
}

/** Nothing is offered any more: somebody else's cart is shown, or it was ordered. */
export function withdrawUndo() {
  waiting = null;
  byId("undo").replaceChildren();
}

/** What came back by itself, here or on another device, needs no undo. */
export function recheckUndo(cart) {
  if (waiting?.some((line) => cart.lines.some((there) => sameGoods(line, there)))) withdrawUndo();
}
