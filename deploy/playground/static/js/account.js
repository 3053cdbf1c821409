import { byId, el, keepingFocus } from "./dom.js";
import { request } from "./requests.js";
import { credentials, person } from "./session.js";
import { toast } from "./toast.js";

/** Shows who is logged in; `on` has logIn(name) and logOut(). */
export function showAccount(customers, on) {
  const current = person();
  const inside = current
    ? [
        el("button", { class: "quiet", onclick: openProfile, "data-focus": "account", "aria-label": `Contact data of ${current.name}` }, current.name.split(" ")[0]),
        el("button", { class: "plain", "data-focus": "log out", onclick: on.logOut }, "Log out"),
      ]
    : [el("button", { class: "quiet", "data-focus": "account", onclick: () => byId("login").showModal() }, "Log in")];
  // the button that was pressed is another one by now; whoever goes by keyboard or ear stays where it was
  keepingFocus(() => byId("account").replaceChildren(...inside), inside[0]);
  byId("people").replaceChildren(...customers.map((customer) => personButton(customer, on)));
}

/** Wires the two dialogs once. */
export function prepareDialogs(on) {
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  }
  byId("login-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("login").close();
    on.logIn(byId("login-name").value);
    byId("login-form").reset();
  });
  byId("profile-form").addEventListener("submit", saveProfile);
}

function personButton(customer, on) {
  const choose = () => {
    byId("login").close();
    on.logIn(customer.name);
  };
  const face = el("span", { class: "face", "aria-hidden": "true" }, customer.name[0]);
  return el("li", {}, el("button", { class: "quiet", onclick: choose }, face, customer.name));
}

async function openProfile() {
  const form = byId("profile-form");
  form.reset();
  byId("profile-problem").textContent = "";
  try {
    const profile = await request("GET", "/shop/api/profile", { headers: credentials() });
    form.elements.name.value = profile.name ?? person().name;
    form.elements.timezone.value = profile.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const field of ["email", "phone"]) form.elements[field].value = profile[field] ?? "";
    form.elements.locale.value = profile.locale ?? "en";
    for (const field of ["email_consent", "sms_consent"]) form.elements[field].checked = profile[field] ?? false;
    byId("profile").showModal();
  } catch (failure) {
    toast(failure.message);
  }
}

async function saveProfile(event) {
  event.preventDefault();
  const fields = byId("profile-form").elements;
  const text = (name) => fields[name].value.trim() || null;
  const body = {
    name: text("name"),
    email: text("email"),
    phone: text("phone")?.replace(/[\s().-]/g, "") ?? null,
    locale: fields.locale.value,
    timezone: text("timezone"),
    email_consent: fields.email_consent.checked,
    sms_consent: fields.sms_consent.checked,
  };
  try {
    await request("PUT", "/shop/api/profile", { body, headers: credentials() });
    byId("profile").close();
    const saved = person()?.customer_id;
    toast("Saved. We will reach you as you asked.", () => person()?.customer_id === saved);
  } catch (failure) {
    byId("profile-problem").textContent = failure.message;
  }
}
