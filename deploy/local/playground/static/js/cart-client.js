import { request } from "./requests.js";
import { credentials, credentialsForWriting, device } from "./session.js";

/** The shopper's side of the cart API, called from the browser. */
export class CartClient {
  constructor(cartUrl, store) {
    this.root = cartUrl;
    this.base = `${cartUrl}/v1/stores/${encodeURIComponent(store)}`;
  }

  /** The cart as it is now; null on a device that never had one. */
  async read() {
    const headers = credentials();
    return Object.keys(headers).length ? request("GET", `${this.base}/cart`, { headers }) : null;
  }

  add(product, currency, quantity = 1) {
    return this.write("POST", "/cart/lines", {
      sku: product.sku,
      quantity,
      title: product.title,
      price: product.price,
      currency,
      image_url: new URL(product.picture, location.href).href,
      url: new URL(`/shop#${product.sku}`, location.href).href,
    });
  }

  set(line, quantity) {
    return this.write("PUT", `/cart/lines/${encodeURIComponent(line.line_id)}`, { quantity });
  }

  remove(line) {
    return this.write("DELETE", `/cart/lines/${encodeURIComponent(line.line_id)}`);
  }

  clear() {
    return this.write("DELETE", "/cart/lines");
  }

  /** The cart behind a letter's link. Sends nothing of this device, and leaves nothing on it. */
  recover(token) {
    return request("GET", `${this.root}/v1/recovery/${encodeURIComponent(token)}`);
  }

  async write(method, path, body) {
    const headers = { ...(await credentialsForWriting(this.base)), "X-Device": device() };
    return request(method, this.base + path, { body, headers });
  }
}
