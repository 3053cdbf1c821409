import { byId, el, keepingFocus, money } from "./dom.js";

/** Shows what the shop sells; `add(product)` puts one into the cart. */
export function showProducts(shop, add) {
  const cards = shop.products.map((product) => card(product, shop.currency, add));
  keepingFocus(() => byId("products").replaceChildren(...cards), null);
}

function card(product, currency, add) {
  const soldOut = product.stock === 0;
  return el(
    "li",
    { class: "product", id: product.sku },
    el("img", { src: product.picture, alt: "", width: 400, height: 400 }),
    el(
      "div",
      {},
      el("h3", {}, el("a", { href: productPage(product), "data-focus": `see ${product.sku}` }, product.title)),
      el("p", { class: "small soft" }, product.description),
      el("div", { class: "row" }, el("span", { class: "price" }, money(product.price, currency)), level(product.stock)),
      product.choices.length && !soldOut ? choose(product) : addButton(product, soldOut, add),
    ),
  );
}

export function productPage({ sku }) {
  return `/shop/products/${encodeURIComponent(sku)}`;
}

function choose(product) {
  const words = `Choose ${product.choices.map((choice) => choice.name).join(" and ")}`;
  return el("a", { class: "button quiet", href: productPage(product), "aria-label": `${words}: ${product.title}` }, words);
}

function addButton(product, soldOut, add) {
  return el(
    "button",
    {
      disabled: soldOut,
      onclick: () => add(product),
      "aria-label": `${soldOut ? "Sold out" : "Add to cart"}: ${product.title}`,
      "data-focus": `add ${product.sku}`,
    },
    soldOut ? "Sold out" : "Add to cart",
  );
}

export function level(stock) {
  if (stock === 0) return el("span", { class: "badge warn" }, "sold out");
  if (stock <= 5) return el("span", { class: "badge warn" }, `only ${stock} left`);
  return el("span", { class: "badge" }, "in stock");
}

/** Shows the shop keeper's controls; `set(product, level)` writes a level down. */
export function showStock(shop, set) {
  byId("stock").replaceChildren(
    ...shop.products.map((product) => {
      const id = `stock-${product.sku}`;
      const input = el("input", { id, type: "number", min: 0, max: 1000000, required: true, value: product.stock });
      const submit = (event) => {
        event.preventDefault();
        set(product, Number(input.value));
      };
      const form = el("form", { onsubmit: submit }, el("label", { for: id }, product.title), input, el("button", { class: "quiet" }, "Set"));
      return el("li", {}, form);
    }),
  );
}
