import { el } from "./dom.js";

/** On a phone the list and the message take turns. */
export function backLink() {
  return el("a", { class: "button quiet back", href: "#" }, "All messages");
}
