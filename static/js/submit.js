// A form once sent shows it; the server makes a double post one in any case.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "get") return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

function reset(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
}

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (form) reset(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(reset));

// Filters made of selects send themselves.
document.addEventListener("change", (event) => {
  event.target.closest?.("[data-submit-on-change]")?.form?.requestSubmit();
});
// The summary of errors is read first.
document.querySelector("[data-errors]")?.focus();
