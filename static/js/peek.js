// A look at a record beside its list: Space on a row or its eye opens it, up and down go through the
// rows, Esc leads back to the row. The panel shows parts of the record's own page: its rights apply.
import { element, isTyping, words } from "./dom.js";

const LINKS = "#rows a.t";
const PARTS = ".deal > .stack:first-child, .deal > .stack.mid";
const panel = document.getElementById("peek");
const body = document.getElementById("peek-body");
const title = document.getElementById("peek-title");
let row = null; // the link of the shown row

const links = () => [...document.querySelectorAll(LINKS)];

function fill(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const about = page.querySelector(".dhead .sub");
  title.textContent = page.querySelector("h1")?.textContent.trim() ?? "";
  body.replaceChildren(...(about ? [about] : []), ...page.querySelectorAll(PARTS));
  window.htmx.process(body);
}

async function show(link) {
  mark(false);
  row = link;
  mark(true);
  title.textContent = link.textContent.trim();
  title.href = link.href;
  body.replaceChildren(element("p", { className: "muted pad", textContent: body.dataset.loading }));
  panel.hidden = false;
  link.scrollIntoView({ block: "nearest" });
  const answer = await fetch(link.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (row !== link) return; // the person has gone on
  if (answer?.ok) fill(await answer.text());
  else body.firstChild.textContent = words(answer ? "say-gone" : "toast-offline");
}

function mark(isShown) {
  row?.closest("tr")?.classList.toggle("is-peeked", isShown);
}

function step(by) {
  const all = links();
  const next = all[all.indexOf(row) + by];
  if (next) show(next).then(() => !panel.contains(document.activeElement) && next.focus({ preventScroll: true }));
}

function close() {
  mark(false);
  panel.hidden = true;
  body.replaceChildren();
  if (row?.isConnected) row.focus();
  row = null;
}

// One eye for the whole table: it goes to the row under the pointer or with the focus.
function carryEye(eye) {
  const carry = (event) => {
    const link = event.target.closest?.("#rows tr")?.querySelector("a.t");
    if (link && link.nextElementSibling !== eye) link.after(eye);
  };
  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && carry(event));
  document.addEventListener("focusin", carry);
  eye.addEventListener("click", () => {
    show(eye.previousElementSibling);
    panel.focus();
  });
}

const acts = { prev: () => step(-1), next: () => step(1), close };

if (panel && document.querySelector(LINKS)) {
  carryEye(document.getElementById("peek-eye").content.firstElementChild.cloneNode(true));
  panel.addEventListener("click", (event) => acts[event.target.closest("[data-peek]")?.dataset.peek]?.());
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const link = event.target.closest?.(LINKS);
    if (event.code === "Space" && link) {
      event.preventDefault();
      if (panel.hidden || row !== link) show(link);
      else close();
    }
    if (panel.hidden) return;
    if (event.key === "Escape") close();
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && !isTyping(event.target)) {
      event.preventDefault();
      step(by);
    }
  });
}
