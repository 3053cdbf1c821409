import { byId, el } from "./dom.js";
import { request } from "./requests.js";
import { backLink } from "./back-link.js";
import { toast } from "./toast.js";

const SHOWN = ["From", "To", "Date"];

/** Shows an e-mail; its HTML runs in a cell without scripts, origin or foreign pictures. */
export function showEmail(message) {
  const views = [
    ["HTML", message.html === null ? null : () => page(message)],
    ["Text", message.text === null ? null : () => el("pre", { class: "letter", tabindex: "0" }, message.text)],
    ["Raw", () => raw(message)],
  ].filter(([, make]) => make);
  const body = el("div", { class: "letter", hidden: true });
  byId("view").replaceChildren(head(message, views), body);
  body.replaceWith(views[0][1]());
}

function head(message, views) {
  const headers = SHOWN.flatMap((name) => message.headers.filter((header) => header.name.toLowerCase() === name.toLowerCase()));
  const choose = (make) => byId("view").lastElementChild.replaceWith(make());
  return el(
    "div",
    { class: "letter-head" },
    el("div", { class: "row" }, backLink(), message.duplicate ? el("span", { class: "badge bad" }, "sent twice: this Message-ID came before") : null),
    el("div", { class: "row" }, el("h2", {}, message.subject ?? "(no subject)"), unsubscribe(message)),
    el("dl", {}, ...headers.flatMap((header) => [el("dt", {}, header.name), el("dd", {}, header.value)])),
    el(
      "fieldset",
      { class: "choices" },
      el("legend", { class: "hidden-text" }, "Show as"),
      ...views.map(([name, make], position) =>
        el("label", {}, el("input", { type: "radio", name: "as", checked: position === 0, onchange: () => choose(make) }), el("span", {}, name)),
      ),
    ),
  );
}

/** The button that a mail program draws for a letter with RFC 8058's headers. */
function unsubscribe(message) {
  if (!message.headers.some((header) => header.name.toLowerCase() === "list-unsubscribe-post")) return null;
  const press = async () => {
    try {
      await request("POST", `/api/messages/${message.id}/unsubscribe`, { body: {} });
      toast("Unsubscribed, with one click and without a log-in.");
    } catch (failure) {
      toast(failure.message);
    }
  };
  return el("button", { class: "plain", onclick: press }, "Unsubscribe");
}

function page(message) {
  return el("iframe", {
    class: "letter",
    title: `E-mail: ${message.subject ?? "(no subject)"}`,
    sandbox: "allow-popups allow-popups-to-escape-sandbox",
    src: `/api/messages/${message.id}/html`,
  });
}

function raw(message) {
  const shown = el("pre", { class: "letter", tabindex: "0" }, "…");
  fetch(`/api/messages/${message.id}/raw`)
    .then((response) => response.text())
    .then((text) => { shown.textContent = text; })
    .catch(() => { shown.textContent = "The message cannot be read just now."; });
  return shown;
}
