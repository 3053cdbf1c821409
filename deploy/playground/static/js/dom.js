/** Builds an element. Children and properties never pass through an HTML parser, so no text can become markup. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else if (name === "href") element.setAttribute("href", safeUrl(value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Only pages of the web may be linked to; anything else, such as javascript:, leads nowhere. */
export function safeUrl(url) {
  return /^(https?:\/\/|[/#?])/i.test(url) ? url : "#";
}

export function byId(id) {
  return document.getElementById(id);
}

/** Puts the links of a plain text between its words. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/g)) {
    parts.push(text.slice(end, found.index));
    parts.push(el("a", { href: found[0], target: "_blank", rel: "noopener" }, found[0]));
    end = found.index + found[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}

let pressing = false;
const waiting = new Map();

/** Whether a finger or a mouse button is down. */
export function isPressing() {
  return pressing;
}

/** Draws now, or once nothing is pressed: a button that is drawn anew between press and release is never clicked. */
export function whenReleased(name, draw) {
  if (pressing) waiting.set(name, draw);
  else draw();
}

function released() {
  pressing = false;
  const due = [...waiting.values()];
  waiting.clear();
  for (const draw of due) draw();
}

addEventListener("pointerdown", () => { pressing = true; }, { capture: true });
// the click comes after the release
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(released), { capture: true });

let drawing = false;

/** Whether what loses the focus does so because it is drawn anew, and not because somebody has left it. */
export function isDrawing() {
  return drawing;
}

/**
 * Redraws, and gives the focus back to whatever has the same `data-focus` afterwards, with what was half typed there, or
 * to `otherwise`.
 */
export function keepingFocus(draw, otherwise) {
  const before = document.activeElement;
  const key = before?.dataset?.focus;
  const typed = before?.matches?.("input") && before.value !== before.defaultValue ? before.value : null;
  const caret = typed === null ? null : before.selectionStart;
  drawing = true;
  try {
    draw();
  } finally {
    drawing = false;
  }
  if (!key || (document.activeElement === before && before.isConnected)) return;
  const again = [...document.querySelectorAll("[data-focus]")].find((candidate) => candidate.dataset.focus === key);
  const next = again && !again.disabled ? again : otherwise;
  if (next === again && typed !== null) again.value = typed;
  next?.focus({ preventScroll: true });
  if (next === again && caret !== null) again.setSelectionRange(caret, caret);
}

/** An amount of minor units as the reader's language writes it. */
export function money(minor, currency) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency: currency || "EUR" });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}
