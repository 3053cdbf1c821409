import { shownNotices, shownSaved } from "./aside-view.js";
import { byId, el, keepingFocus, money } from "./dom.js";
import { chosen, goodsKey, named } from "./goods.js";
import { quantityField } from "./quantity.js";

const BASKET = "M12 26h40l-5 26a4 4 0 0 1-4 3H21a4 4 0 0 1-4-3zM22 26l8-16M42 26l-8-16M26 34v12M32 34v12M38 34v12";

/** Shows the cart; `on` has set(line, quantity), remove(line), save(line), clear(), order(), contact(), isGuest() and what `aside-view.js` needs. */
export function showCart(cart, on) {
  const units = cart?.units ?? 0;
  byId("count").textContent = String(units);
  byId("cart-note").textContent = units ? `${units} ${units === 1 ? "item" : "items"}` : "";
  const body = [...(units ? filled(cart, on) : [empty()]), ...shownSaved(cart ?? {}, on)];
  keepingFocus(() => byId("cart-body").replaceChildren(...shownNotices(cart ?? {}, on), ...body), byId("cart"));
}

/** Says what has not reached the shop yet, for eyes and for screen readers. */
export function showCartState({ pending, live }) {
  const waiting = pending && !navigator.onLine;
  const words = `You are offline. ${pending === 1 ? "One change waits" : `${pending} changes wait`} and will follow by themselves.`;
  const status = byId("cart-status");
  if (status.textContent !== (waiting ? words : "")) status.textContent = waiting ? words : "";
  byId("cart").dataset.live = String(live);
  byId("cart").setAttribute("aria-busy", String(pending > 0 && !waiting));
}

function filled(cart, on) {
  return [
    el("ul", { class: "lines" }, ...cart.lines.map((line) => editableLine(line, cart.currency, on))),
    el("div", { class: "total" }, el("span", {}, "Total"), el("span", { id: "total" }, money(cart.total, cart.currency))),
    el(
      "div",
      { class: "actions" },
      el("button", { onclick: on.order, "data-focus": "order" }, "Place the order"),
      el("button", { class: "plain", onclick: on.clear, "data-focus": "clear" }, "Empty the cart"),
    ),
    ...(on.isGuest() ? [el("button", { class: "plain remind", onclick: on.contact, "data-focus": "contact" }, "No account? Be reminded all the same")] : []),
  ];
}

function editableLine(line, currency, on) {
  const field = quantity(line, on);
  const shown = () => (/^[0-9]+$/.test(field.value) ? Number(field.value) : line.quantity);
  const step = (sign, change, name) =>
    el(
      "button",
      {
        "aria-label": `${name}: ${named(line)}`,
        "data-focus": `${goodsKey(line)}${sign}`,
        onclick: () => on.set(line, Math.max(0, shown() + change)),
      },
      sign,
    );
  const press = (name, words, label, action) =>
    el("button", { class: "plain", "aria-label": `${label} ${named(line)}`, "data-focus": `${goodsKey(line)}${name}`, onclick: () => action(line) }, words);
  const controls = el(
    "div",
    { class: "controls" },
    el("span", { class: "stepper" }, step("−", -1, "One less"), field, step("+", 1, "One more")),
    el("span", { class: "choices-of-line" }, press("save", "Later", "Save for later:", on.save), press("remove", "Remove", "Remove", on.remove)),
  );
  return el("li", { class: line.pending ? "pending" : "" }, ...shownLine(line, currency), controls);
}

/** A line without anything to press, as in a recovered cart. */
export function readOnlyLine(line, currency) {
  return el("li", {}, ...shownLine(line, currency), el("span", { class: "controls small soft" }, `Quantity ${line.quantity}`));
}

function shownLine(line, currency) {
  const small = [chosen(line), line.device ? `added on the ${line.device}` : ""].filter(Boolean);
  return [
    picture(line),
    el("div", {}, el("div", { class: "title" }, title(line)), ...small.map((words) => el("div", { class: "small soft" }, words))),
    el("div", { class: "sum" }, money(line.total, currency)),
  ];
}

function picture(line) {
  const own = line.image_url && new URL(line.image_url, location.href).pathname.startsWith("/static/pictures/");
  if (!own) return el("span", { class: "no-picture" });
  return el("img", { src: new URL(line.image_url, location.href).pathname, alt: "", width: 64, height: 64 });
}

function title(line) {
  const own = line.url && new URL(line.url, location.href);
  const here = own && own.origin === location.origin && own.pathname.startsWith("/shop/products/");
  return here ? el("a", { href: own.pathname }, line.title) : line.title;
}

function quantity(line, on) {
  const set = (number) => on.set(line, number);
  return quantityField({ label: `Quantity of ${named(line)}`, key: `${goodsKey(line)}quantity`, value: line.quantity, set });
}

function empty() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 64 64");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of [["d", BASKET], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2.5"], ["stroke-linecap", "round"], ["stroke-linejoin", "round"]]) {
    path.setAttribute(name, value);
  }
  svg.append(path);
  return el("div", { class: "empty" }, svg, el("p", {}, "Nothing in it yet."));
}
