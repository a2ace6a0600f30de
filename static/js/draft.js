// textarea[data-draft="key"]: what is written survives a reload until the form is accepted.
import { whenever } from "./dom.js";

const person = document.body.dataset.person;
const SENT = "draft-sent";

whenever("textarea[data-draft]", function draft(field) {
  const key = `draft:${person}:${field.dataset.draft || window.location.pathname + field.name}`;
  const kept = read(key);
  if (kept && !field.value) field.value = kept;
  field.addEventListener("input", () => (field.value ? write(key, field.value) : drop(key)));
  // By htmx: gone once the server said yes. By a page: gone when the next page is not the form again.
  field.form?.addEventListener("htmx:afterRequest", (event) => event.detail.successful && drop(key));
  field.form?.addEventListener("submit", () => {
    if (!field.form.hasAttribute("hx-post")) sessionStorage.setItem(SENT, key);
  });
  if (sessionStorage.getItem(SENT) === key) {
    sessionStorage.removeItem(SENT);
    if (!field.form.querySelector(".is-invalid, [data-errors]")) {
      drop(key);
      if (field.value === kept) field.value = field.defaultValue;
    }
  }
});

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return "";
  }
}

function write(key, text) {
  try {
    localStorage.setItem(key, text);
  } catch { /* no room: the text is still in the field */ }
}

function drop(key) {
  localStorage.removeItem(key);
}
