import { byId } from "./dom.js";

const SHOWN_MS = 4500;
const PROTECTED = "[data-focus=order], [data-focus=waiting]";
let timer;
let holds = null;

/** Says something in passing, which screen readers hear too, for as long as `stillHolds()`. */
export function toast(text, stillHolds = () => true) {
  holds = stillHolds;
  byId("toast").textContent = text;
  clearTimeout(timer);
  timer = setTimeout(hush, SHOWN_MS);
  keepClear();
}

/** To be called when something has changed: what is not true any more is not said any longer. */
export function recheckToast() {
  if (holds !== null && !holds()) hush();
  else keepClear();
}

function hush() {
  holds = null;
  clearTimeout(timer);
  byId("toast").textContent = "";
}

/** Moves up where it would lie over what a shopper is about to press. */
function keepClear() {
  const box = byId("toast");
  box.classList.remove("up");
  const mine = box.getBoundingClientRect();
  const covered = [...document.querySelectorAll(PROTECTED)].some((button) => {
    const theirs = button.getBoundingClientRect();
    return mine.left < theirs.right && theirs.left < mine.right && mine.top < theirs.bottom && theirs.top < mine.bottom;
  });
  box.classList.toggle("up", covered);
}

addEventListener("scroll", () => holds && keepClear(), { passive: true, capture: true });
addEventListener("resize", () => holds && keepClear());
