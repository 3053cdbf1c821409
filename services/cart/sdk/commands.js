/**
 * Commands: what a shopper asks for, kept until the cart service has answered. Pure: how a command looks on the wire,
 * and what the cart will look like once it is done. The service decides; this is only the guess that is shown until then.
 */
import { CartProblem } from "./http.js";

const MAX_QUANTITY = 999;
const PENDING = "pending-";
const OF_THE_SERVICE = /^[0-9a-f-]{32,36}$/i;

/** What an empty cart looks like. */
export function emptyCart(store) {
  return {
    id: null, store_id: store, customer_id: null, status: "active", version: 0, currency: null, exponent: null, lines: [], saved: [],
    attributes: {}, notices: [], units: 0, total: 0, created_at: null, updated_at: null,
  };
}

/**
 * The request of a command, or null where it has nothing to do (any more). `cart` is as the service knows it. Throws
 * CartProblem unknown-line where a line is meant that can't be found; one that only the service may know it is asked for.
 */
export function requestOf(command, cart) {
  switch (command.kind) {
    case "add": return { method: "POST", path: "/cart/lines", body: { ...command.item, quantity: command.quantity } };
    case "clear": return { method: "DELETE", path: "/cart/lines" };
    case "attributes": return { method: "PATCH", path: "/cart", body: { attributes: command.attributes } };
    case "checkout": return { method: "POST", path: "/cart/checkout" };
    case "acknowledge": return { method: "POST", path: "/cart/notices/ack", body: { notice_ids: command.notices } };
    case "undo": return { method: "POST", path: `/cart/merges/${encodeURIComponent(command.merge)}/undo` };
    case "copy": return { method: "POST", path: "/cart/copy", body: { share_token: command.token } };
    case "restore": return ofLine(cart.saved ?? [], command, (id) => ({ method: "POST", path: `/cart/saved/${id}/restore` }));
    case "discard": return ofLine(cart.saved ?? [], command, (id) => ({ method: "DELETE", path: `/cart/saved/${id}` }));
    default: return ofLine(cart.lines, command, (id) => changeOf(command, `/cart/lines/${id}`));
  }
}

function changeOf(command, path) {
  switch (command.kind) {
    case "set": return command.quantity > 0 ? { method: "PUT", path, body: { quantity: command.quantity } } : { method: "DELETE", path };
    case "remove": return { method: "DELETE", path };
    case "note": return { method: "PATCH", path, body: { note: command.note } };
    case "save": return { method: "POST", path: `${path}/save` };
    default: throw new TypeError(`There is no command ${command.kind}.`);
  }
}

function ofLine(lines, command, request) {
  const wanted = command.line?.line_id;
  const id = lineOf(lines, command.line)?.line_id ?? (OF_THE_SERVICE.test(wanted) ? wanted : null);
  if (id !== null) return request(encodeURIComponent(id));
  if (["remove", "discard"].includes(command.kind) || command.quantity === 0) return null; // what is gone is out
  throw new CartProblem(404, "unknown-line", "The cart has no such line.");
}

/** The cart as it will be: commands applied to the cart as the service knows it. Lines that wait are `pending`. */
export function applied(cart, commands) {
  if (commands.length === 0) return cart;
  return counted(commands.reduce(apply, { ...cart, saved: cart.saved ?? [], notices: cart.notices ?? [] }));
}

function apply(cart, command) {
  const line = lineOf(cart.lines, command.line);
  const pending = (changes) => ({
    ...cart,
    lines: cart.lines.map((other) => (other === line ? { ...line, ...changes, pending: true } : other)),
  });
  switch (command.kind) {
    case "add": return added(cart, command);
    case "set": return command.quantity > 0 ? line ? pending({ quantity: command.quantity }) : cart : without(cart, line);
    case "remove": return without(cart, line);
    case "clear": return { ...cart, lines: [] };
    case "note": return line ? pending({ note: command.note }) : cart;
    case "save": return line ? { ...without(cart, line), saved: [...cart.saved, { ...line, currency: cart.currency, pending: true }] } : cart;
    case "restore": return restored(cart, command);
    case "discard": return { ...cart, saved: cart.saved.filter((other) => other !== lineOf(cart.saved, command.line)) };
    case "attributes": return { ...cart, attributes: merged(cart.attributes ?? {}, command.attributes) };
    case "acknowledge": return { ...cart, notices: cart.notices.filter((notice) => !command.notices.includes(notice.notice_id)) };
    default: return cart;
  }
}

function added(cart, { item, quantity, id, device }) {
  const there = lineOf(cart.lines, { sku: item.sku, options: item.options ?? {} });
  const line = there
    ? { ...there, title: item.title, price: item.price, quantity: Math.min(MAX_QUANTITY, there.quantity + quantity), pending: true }
    : {
        line_id: PENDING + id, sku: item.sku, options: item.options ?? {}, title: item.title, price: item.price, quantity,
        image_url: item.image_url ?? null, url: item.url ?? null, note: null, device, pending: true,
      };
  const lines = there ? cart.lines.map((other) => (other === there ? line : other)) : [...cart.lines, line];
  return { ...cart, ...moneyOf(cart, item.currency), lines };
}

/** A cart without lines takes whatever currency comes; of one in another currency nothing comes in. */
function restored(cart, { line: wanted }) {
  const found = lineOf(cart.saved, wanted);
  if (!found || (cart.lines.length > 0 && found.currency !== cart.currency)) return cart;
  const { currency, ...line } = found;
  const there = lineOf(cart.lines, { sku: line.sku, options: line.options });
  const joined = there ? { ...there, quantity: Math.min(MAX_QUANTITY, there.quantity + line.quantity), pending: true } : { ...line, pending: true };
  const lines = there ? cart.lines.map((other) => (other === there ? joined : other)) : [...cart.lines, joined];
  return { ...cart, ...moneyOf(cart, currency), lines, saved: cart.saved.filter((other) => other !== found) };
}

function moneyOf(cart, currency) {
  return cart.lines.length > 0 || cart.currency === currency ? {} : { currency, exponent: null };
}

function without(cart, line) {
  return { ...cart, lines: cart.lines.filter((other) => other !== line) };
}

function merged(attributes, changes) {
  return Object.fromEntries(Object.entries({ ...attributes, ...changes }).filter(([, value]) => value !== null));
}

function counted(cart) {
  const lines = cart.lines.map((line) => (line.pending ? { ...line, total: line.price * line.quantity } : line));
  const units = lines.reduce((sum, line) => sum + line.quantity, 0);
  return { ...cart, lines, units, total: lines.reduce((sum, line) => sum + line.total, 0) };
}

/** A line by its id, or by what is in it: a line that was pending, or was merged, comes back under another id. */
function lineOf(lines, wanted) {
  if (!wanted) return undefined;
  const same = sameness(wanted.sku, wanted.options);
  return lines.find((line) => line.line_id === wanted.line_id) ?? lines.find((line) => sameness(line.sku, line.options) === same);
}

/** As the service spells names: one letter may be written in two ways that nobody can tell apart. */
function sameness(sku, options = {}) {
  const pairs = Object.entries(options).map((pair) => pair.map(spelled));
  return JSON.stringify([spelled(sku), ...pairs.sort(([one], [other]) => (one < other ? -1 : 1))]);
}

function spelled(name) {
  return String(name).normalize("NFC").trim();
}
