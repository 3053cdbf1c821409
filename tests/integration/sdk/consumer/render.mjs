// A server that renders a customer's cart: usage: node render.mjs BASE_URL JWT
import { CartProblem, createCart } from "evercart";

const [baseUrl, token] = process.argv.slice(2);
const cart = createCart({ baseUrl, store: "demo", token });
const other = createCart({ baseUrl, store: "demo" });
const { lines, units } = await cart.refresh();
const { units: nobodys } = await other.refresh();
const refused = await other.set("no such line", 2).then(() => null, (problem) => problem);
console.log(JSON.stringify({
  customer: cart.customer, units, skus: lines.map(({ sku }) => sku), live: cart.live, nobodys,
  other: other.customer, refused: refused instanceof CartProblem && refused.slug,
}));
