// Keys by their place on the keyboard, so that they work in any layout; never while typing.
import { isTyping } from "./dom.js";

let isGoing = false;
let timer = null;

function go(code) {
  isGoing = false;
  const line = document.querySelector(`#dialog-keys [data-go="${code}"]`);
  if (line?.dataset.url) window.location.href = line.dataset.url;
}

function add() {
  const button = document.querySelector("[data-quick-add]");
  if (!button?.offsetParent) return;
  button.click();
  document.querySelector("#menu-add a")?.focus();
}

const single = {
  Slash: (event) => (event.shiftKey ? document.getElementById("dialog-keys")?.showModal() : document.querySelector("[data-search] input")?.focus()),
  KeyN: add,
  KeyJ: () => document.querySelector("a[rel=next]")?.click(),
  KeyK: () => document.querySelector("a[rel=prev]")?.click(),
  KeyG: () => {
    isGoing = true;
    clearTimeout(timer);
    timer = setTimeout(() => (isGoing = false), 1200);
  },
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit();
    return;
  }
  const isCommand = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
  if (!isCommand || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (document.body.dataset.keys === "off") return;
  if (isGoing) {
    event.preventDefault();
    go(event.code);
  } else if (single[event.code]) {
    event.preventDefault();
    single[event.code](event);
  }
});

// Arrows walk an open menu.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const lines = [...menu.querySelectorAll("a, button")];
  const next = lines.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  lines[(next + lines.length) % lines.length].focus();
});
