import { el, isDrawing, isPressing } from "./dom.js";

/** A quantity that can be typed: `set(number)` on Enter or when it is left; Escape, or what is no number, changes nothing. */
export function quantityField({ label, key, value, set }) {
  const field = el("input", {
    class: "quantity", type: "text", inputmode: "numeric", maxlength: 3, autocomplete: "off",
    "aria-label": label, "data-focus": key, value,
  });
  const back = () => { field.value = String(value); };
  const commit = () => {
    const text = field.value.trim();
    if (!/^[0-9]+$/.test(text)) return back();
    if (Number(text) !== value) set(Number(text));
    return undefined;
  };
  field.addEventListener("focus", () => field.select());
  field.addEventListener("blur", () => {
    if (isDrawing()) return;
    // whoever presses "Place the order" means the new quantity; whoever goes on by keyboard arrives first
    if (isPressing()) commit();
    else setTimeout(commit);
  });
  field.addEventListener("keydown", (event) => {
    const done = { Enter: commit, Escape: back, ArrowUp: () => set(value + 1), ArrowDown: () => value > 1 && set(value - 1) }[event.key];
    if (!done) return;
    event.preventDefault(); // or Enter would press what has the focus next
    done();
  });
  return field;
}
