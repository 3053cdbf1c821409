import { backLink } from "./back-link.js";
import { byId, el, keepingFocus } from "./dom.js";
import { showEmail } from "./email-view.js";
import { request } from "./requests.js";
import { showPhone } from "./phone-view.js";

const KEPT = 500;
const PATHS = {
  email: "M3 5h18v14H3zM3 6l9 7 9-7",
  sms: "M5 3h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 5v-5H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z",
};
let messages = [];
let cursor = "0";
let looks = 0;

function chosenId() {
  return location.hash.slice(1);
}

/** The customer's side of a message: who reads it, or who wrote it. */
function reader(message) {
  return message.direction === "inbound" ? message.from : message.to[0];
}

function matching() {
  const recipient = byId("recipient").value;
  const channel = byId("channel").querySelector(":checked").value;
  return messages.filter((message) => (!recipient || reader(message) === recipient) && (!channel || message.channel === channel));
}

function showList() {
  const shown = matching();
  byId("nothing").hidden = shown.length > 0;
  byId("messages").hidden = shown.length === 0;
  keepingFocus(() => byId("messages").replaceChildren(...shown.map(item)), null);
}

function item(message) {
  const what = message.channel === "email" ? message.subject ?? "(no subject)" : message.preview;
  const who = message.direction === "inbound" ? `${message.from} answered` : `to ${message.to.join(", ")}`;
  const link = el(
    "a",
    { href: `#${message.id}`, "aria-current": String(message.id === chosenId()), "data-focus": message.id },
    el("span", { class: "sign" }, sign(message.channel)),
    el("span", { class: "who" }, who),
    el("time", { datetime: message.received_at }, clock(message.received_at)),
    el("span", { class: "what" }, what, message.duplicate ? el("span", { class: "badge bad" }, "sent twice") : null),
  );
  return el("li", { class: message.channel }, link);
}

function sign(channel) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of [["viewBox", "0 0 24 24"], ["role", "img"], ["aria-label", channel === "email" ? "E-mail" : "Text"]]) svg.setAttribute(name, value);
  for (const [name, value] of [["d", PATHS[channel]], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "1.8"], ["stroke-linejoin", "round"]]) path.setAttribute(name, value);
  svg.append(path);
  return svg;
}

function clock(instant) {
  return new Date(instant).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function showRecipients() {
  const known = new Set(messages.map(reader));
  const select = byId("recipient");
  for (const option of select.options) known.delete(option.value);
  select.append(...[...known].sort().map((address) => el("option", { value: address }, address)));
}

/** What comes late is not shown over what was chosen, or has come, since. */
async function showChosen() {
  const id = chosenId();
  const look = (looks += 1);
  const isLast = () => look === looks;
  document.body.classList.toggle("reading", id !== "");
  for (const link of byId("messages").querySelectorAll("a")) link.setAttribute("aria-current", String(link.hash === `#${id}`));
  if (!id) return showNothing("Choose a message to read it.");
  try {
    const message = await request("GET", `/api/messages/${encodeURIComponent(id)}`);
    if (!isLast()) return;
    if (message.channel === "email") showEmail(message);
    else await showPhone(message, reader(message), isLast);
  } catch (failure) {
    if (isLast()) showNothing(failure.message);
  }
}

function showNothing(text) {
  byId("view").replaceChildren(el("div", { class: "nothing" }, el("p", {}, text), backLink()));
}

function take(answer) {
  const known = new Set(messages.map((message) => message.id));
  const fresh = answer.messages.filter((message) => !known.has(message.id));
  messages = [...fresh, ...messages].slice(0, KEPT);
  cursor = answer.cursor;
  if (!fresh.length) return;
  showRecipients();
  showList();
  const open = messages.find((message) => message.id === chosenId());
  if (open?.channel === "sms" && fresh.some((message) => message.channel === "sms" && reader(message) === reader(open))) showChosen();
}

/** Holds one question open for ever: what is new? */
async function listen() {
  let pause = 1000;
  for (;;) {
    try {
      take(await request("GET", `/api/messages?after=${cursor}&wait=25&limit=${KEPT}`));
      live(true);
      pause = 1000;
    } catch {
      live(false);
      await new Promise((resume) => setTimeout(resume, pause));
      pause = Math.min(pause * 2, 15000);
    }
  }
}

function live(is) {
  byId("live").textContent = is ? "live" : "reconnecting";
  byId("live").classList.toggle("off", !is);
}

addEventListener("hashchange", async () => {
  await showChosen();
  if (chosenId()) byId("view").focus({ preventScroll: true });
});
byId("recipient").addEventListener("change", showList);
byId("channel").addEventListener("change", showList);

try {
  take(await request("GET", `/api/messages?limit=${KEPT}`));
  live(true);
} catch {
  live(false);
}
showList();
showChosen();
listen();
