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

/** Redraws, and gives the focus back to whatever has the same `data-focus` afterwards, or to `otherwise`. */
export function keepingFocus(draw, otherwise) {
  const key = document.activeElement?.dataset?.focus;
  draw();
  if (!key || document.activeElement?.dataset?.focus === key) return;
  const again = [...document.querySelectorAll("[data-focus]")].find((candidate) => candidate.dataset.focus === key);
  (again && !again.disabled ? again : otherwise)?.focus({ preventScroll: true });
}

let toastTimer;

/** Says something in passing; screen readers hear it too. */
export function toast(text) {
  byId("toast").textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { byId("toast").textContent = ""; }, 4500);
}

/** An amount of minor units as the reader's language writes it. */
export function money(minor, currency) {
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency: currency || "EUR" });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}
