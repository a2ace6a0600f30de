// Toasts: leave after eight seconds unless pointed at; failures of requests become toasts.
import { whenever } from "./dom.js";

const LIFE = 8000;

function start(toast) {
  let timer = null;
  const go = () => {
    timer = setTimeout(() => toast.remove(), toast.classList.contains("toast-error") ? LIFE * 2 : LIFE);
  };
  const stay = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
  toast.querySelector("[data-dismiss]")?.addEventListener("click", () => toast.remove());
  if (!toast.classList.contains("toast-reminder")) go();
}

/** Show the toast of a template; `text` replaces its words. */
export function say(template = "toast-plain", text = "") {
  const source = document.getElementById(template);
  const place = document.getElementById("toasts");
  if (!source || !place) return;
  const toast = source.content.querySelector("[data-toast]").cloneNode(true);
  if (text) toast.querySelector("[data-text]").textContent = text;
  for (const same of place.children) {
    if (same.textContent === toast.textContent) same.remove();
  }
  place.append(toast);
  start(toast);
}

whenever("[data-toast]", start);

const isPoll = (event) => event.detail.elt?.hasAttribute?.("data-poll");

document.addEventListener("htmx:responseError", (event) => {
  if (isPoll(event) || event.detail.xhr.getResponseHeader("HX-Trigger")) return;
  const status = event.detail.xhr.status;
  if (status === 401) window.location.reload();
  else say(status === 403 || status === 404 ? "toast-refused" : "toast-failed");
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => isPoll(event) || say("toast-offline"));
}
// The server may name words to show: HX-Trigger: {"toast": {"text": "…", "level": "success"}}
document.addEventListener("toast", (event) => {
  say(event.detail.level === "error" ? "toast-failed" : "toast-plain", event.detail.text);
});
