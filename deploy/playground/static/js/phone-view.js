import { backLink } from "./back-link.js";
import { byId, el, linked } from "./dom.js";
import { request } from "./requests.js";
import { toast } from "./toast.js";

/** Shows all texts between a customer's phone and the sender of this one, oldest first, with a field to answer, if it `isWanted()` by then. */
export async function showPhone(message, number, isWanted) {
  const { messages } = await request("GET", `/api/messages?channel=sms&limit=100&to=${encodeURIComponent(number)}`);
  const sender = message.direction === "inbound" ? message.to[0] : message.from;
  const ofSender = messages.filter((other) => other.from === sender || other.to.includes(sender)).reverse();
  const texts = await Promise.all(ofSender.map((other) => request("GET", `/api/messages/${other.id}`)));
  if (!isWanted()) return;
  const bubbles = el("ol", { class: "bubbles", "aria-label": "Texts, oldest first", tabindex: "0" }, ...texts.map((text) => bubble(text, message.id)));
  const phone = el(
    "div",
    { class: "phone" },
    el("header", {}, el("h2", {}, sender), el("p", { class: "small soft" }, `on the phone ${number}`)),
    bubbles,
    reply(number, sender),
  );
  byId("view").replaceChildren(el("div", {}, backLink()), phone);
  bubbles.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
}

function bubble(text, chosen) {
  const kind = [text.direction === "inbound" ? "mine" : "", text.id === chosen ? "chosen" : ""].join(" ").trim();
  const note = new Date(text.received_at).toLocaleString(undefined, { dateStyle: "short", timeStyle: "short" });
  const twice = text.duplicate ? el("span", { class: "badge bad" }, "sent twice") : null;
  return el("li", { class: kind }, el("p", {}, ...linked(text.text)), el("span", { class: "small soft" }, note, " ", twice));
}

function reply(number, sender) {
  const input = el("input", { "aria-label": "Answer", placeholder: "STOP, START or anything", maxlength: 1600, required: true, autocomplete: "off" });
  const send = async (event) => {
    event.preventDefault();
    try {
      await request("POST", "/api/texts", { body: { from: number, to: sender, body: input.value } });
      input.value = "";
    } catch (failure) {
      toast(failure.message);
    }
  };
  return el("form", { class: "reply", onsubmit: send }, input, el("button", {}, "Send"));
}
