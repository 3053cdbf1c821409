import { el, money } from "./dom.js";
import { goodsKey, named } from "./goods.js";

const WORDS = {
  price_changed: (notice, currency) => `costs ${money(notice.after, currency)} now, not ${money(notice.before, currency)}`,
  out_of_stock: () => "has just sold out",
  low_stock: (notice) => `is down to ${notice.after}`,
  quantity_cut: (notice) => `was cut from ${notice.before} to ${notice.after}`,
  line_merged: (notice) => `was put together from two devices: there ${notice.after === 1 ? "is" : "are"} ${notice.after} of it now`,
  line_moved: () => "was saved for later",
};

/** What changed since the shopper last looked; `on` has acknowledge(notices). */
export function shownNotices(cart, on) {
  const notices = (cart.notices ?? []).filter((notice) => WORDS[notice.kind]);
  const news = notices.filter(isNews);
  if (news.length === 0) return [];
  const words = news.map((notice) => el("li", {}, el("strong", {}, notice.title), ` ${WORDS[notice.kind](notice, cart.currency)}.`));
  const seen = el("button", { class: "plain", "data-focus": "seen", onclick: () => on.acknowledge(notices) }, "I have seen it");
  return [el("div", { class: "notice warn", role: "status" }, el("ul", {}, ...words), seen)];
}

/** What was on one device only came along and was not put together; the line itself says where it was added. */
function isNews(notice) {
  return notice.kind !== "line_merged" || notice.before > 0;
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
    el("button", { class: "plain", "aria-label": `${words}: ${named(line)}`, "data-focus": `${goodsKey(line)}${name}`, onclick: () => action(line) }, words);
  return el(
    "li",
    { class: line.pending ? "pending" : "" },
    el("div", { class: "title" }, `${named(line)} × ${line.quantity}`),
    el("span", { class: "controls" }, press("restore", "Back into the cart", on.restore), press("discard", "Forget", on.discard)),
  );
}
