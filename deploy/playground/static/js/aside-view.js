import { el, money } from "./dom.js";

const WORDS = {
  price_changed: (notice, currency) => `costs ${money(notice.after, currency)} now, not ${money(notice.before, currency)}`,
  out_of_stock: () => "has just sold out",
  low_stock: (notice) => `is down to ${notice.after}`,
  quantity_cut: (notice) => `was cut from ${notice.before} to ${notice.after}`,
  line_merged: () => "was put together from two devices",
  line_moved: () => "was saved for later",
};

/** What changed since the shopper last looked; `on` has acknowledge(notices). */
export function shownNotices(cart, on) {
  const notices = (cart.notices ?? []).filter((notice) => WORDS[notice.kind]);
  if (notices.length === 0) return [];
  const words = notices.map((notice) => el("li", {}, el("strong", {}, notice.title), ` ${WORDS[notice.kind](notice, cart.currency)}.`));
  const seen = el("button", { class: "plain", "data-focus": "seen", onclick: () => on.acknowledge(notices) }, "I have seen it");
  return [el("div", { class: "notice warn", role: "status" }, el("ul", {}, ...words), seen)];
}

/** What was set aside; `on` has restore(line) and discard(line). */
export function shownSaved(cart, on) {
  const saved = cart.saved ?? [];
  if (saved.length === 0) return [];
  return [
    el("h3", { class: "aside" }, "Saved for later"),
    el("ul", { class: "lines saved" }, ...saved.map((line) => savedLine(line, on))),
  ];
}

function savedLine(line, on) {
  const press = (name, words, action) =>
    el("button", { class: "plain", "aria-label": `${words}: ${line.title}`, "data-focus": `${line.sku}${name}`, onclick: () => action(line) }, words);
  return el(
    "li",
    { class: line.pending ? "pending" : "" },
    el("div", { class: "title" }, `${line.title} × ${line.quantity}`),
    el("span", { class: "controls" }, press("restore", "Back into the cart", on.restore), press("discard", "Forget", on.discard)),
  );
}
