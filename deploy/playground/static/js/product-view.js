import { byId, el, keepingFocus, money } from "./dom.js";
import { level } from "./products-view.js";
import { waitingFor } from "./waiting.js";

const MOST = 99;
const chosen = {};
let wanted = 1;

/** The sku of the page's address, or null where it shows all products. */
export function productOfAddress() {
  const found = /^\/shop\/products\/([^/]+)$/.exec(location.pathname);
  return found ? decodeURIComponent(found[1]) : null;
}

/** Shows one product with what can be chosen of it; `add(product)` puts it into the cart as it was chosen. */
export function showProduct(shop, sku, add) {
  byId("all").hidden = byId("welcome").hidden = true;
  byId("product").hidden = false;
  const product = shop.products.find((one) => one.sku === sku);
  if (product) document.title = `${product.title} · ${shop.name}`;
  const inside = product ? detail(product, shop.currency, add) : [allProducts(), el("h1", {}, "There is no such product"), el("p", {}, "It may have been renamed, or is sold no more.")];
  keepingFocus(() => byId("product").replaceChildren(...inside), null);
}

function detail(product, currency, add) {
  for (const choice of product.choices) chosen[choice.name] ??= Object.keys(choice.extra)[0];
  const price = el("span", { class: "price", id: "product-price", role: "status" }, money(priceOf(product), currency));
  const repaint = () => { price.textContent = money(priceOf(product), currency); };
  const soldOut = product.stock === 0;
  const submit = (event) => {
    event.preventDefault();
    add({ ...product, price: priceOf(product), quantity: wanted, options: { ...picked(product) } });
  };
  return [
    allProducts(),
    el(
      "div",
      { class: "product-page" },
      el("img", { src: product.picture, alt: "", width: 400, height: 400 }),
      el(
        "form",
        { onsubmit: submit },
        el("h1", {}, product.title),
        el("p", { class: "soft" }, product.description),
        el("div", { class: "row" }, price, level(product.stock)),
        ...product.choices.map((choice) => choices(choice, currency, repaint)),
        soldOut ? null : howMany(),
        el("button", { disabled: soldOut, "data-focus": "add this" }, soldOut ? "Sold out" : "Add to cart"),
        ...waitingFor(product),
      ),
    ),
  ];
}

function choices({ name, extra }, currency, repaint) {
  const values = Object.entries(extra).map(([value, more]) => {
    const take = () => {
      chosen[name] = value;
      repaint();
    };
    const input = el("input", { type: "radio", name, value, checked: chosen[name] === value, onchange: take, "data-focus": `${name} ${value}` });
    return el("label", { class: "choice" }, input, el("span", {}, more ? `${value} (+${money(more, currency)})` : value));
  });
  return el("fieldset", {}, el("legend", {}, name[0].toUpperCase() + name.slice(1)), el("div", { class: "choices" }, ...values));
}

function howMany() {
  const input = el("input", {
    id: "wanted", type: "number", min: 1, max: MOST, required: true, value: wanted, "data-focus": "wanted",
    onchange: () => { wanted = Math.min(MOST, Math.max(1, Math.trunc(Number(input.value)) || 1)); },
  });
  return el("div", { class: "field how-many" }, el("label", { for: "wanted" }, "Quantity"), input);
}

function picked(product) {
  return Object.fromEntries(product.choices.map(({ name }) => [name, chosen[name]]));
}

function priceOf(product) {
  return product.choices.reduce((sum, { name, extra }) => sum + extra[chosen[name]], product.price);
}

function allProducts() {
  return el("a", { class: "back-to-all", href: "/shop" }, "← All products");
}
