import { byId } from "./dom.js";
import { toast } from "./toast.js";

/** Wires the form in which a guest leaves an address; `leave(contact)` gives a promise. Nothing is sent before it is submitted. */
export function prepareContact(leave) {
  byId("contact-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.target, leave);
  });
}

/** Asks a guest where to write to. */
export function openContact() {
  byId("contact-form").reset();
  byId("contact-problem").textContent = "";
  byId("contact").showModal();
}

/** What stands beside a ticked box is what was agreed to. */
function consents(form) {
  return ["email", "sms"]
    .map((channel) => [channel, form.elements[`remind_${channel}`]])
    .filter(([, box]) => box.checked)
    .map(([channel, box]) => ({ channel, wording: box.labels[0].textContent.trim().replace(/\s+/g, " ") }));
}

async function send(form, leave) {
  const text = (name) => form.elements[name].value.trim() || undefined;
  const contact = {
    email: text("email"),
    phone: text("phone")?.replace(/[\s().-]/g, ""),
    name: text("name"),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    consents: consents(form),
  };
  const missing = problemOf(contact);
  byId("contact-problem").textContent = missing;
  if (missing) return;
  const button = form.querySelector("button:not([data-close])");
  button.disabled = true;
  try {
    await leave(contact);
    byId("contact").close();
    toast("Thank you. Look for our first message, and say yes in it.");
  } catch (failure) {
    byId("contact-problem").textContent = failure.message;
  } finally {
    button.disabled = false;
  }
}

function problemOf({ email, phone, consents: agreed }) {
  if (!email && !phone) return "Leave an e-mail address or a mobile number.";
  const [without] = agreed.filter(({ channel }) => !(channel === "email" ? email : phone));
  if (!without) return "";
  return without.channel === "email" ? "We need an e-mail address to write to." : "We need a mobile number to text to.";
}
