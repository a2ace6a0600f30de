// Ctrl+K: go somewhere, act on this record, find a client. The commands are the links this page already has.
import { element, words } from "./dom.js";

const dialog = document.getElementById("palette");
const input = dialog?.querySelector("input");
const list = document.getElementById("palette-list");
const sources = [
  ["say-here", ".dhead a, .dhead button[popovertarget], .phead a.b, .menu[data-acts] a"],
  ["say-add", "#menu-add a"],
  ["say-go", ".rnav a, .nav-foot > a"],
];
let commands = [];
let asked = "";
let timer = null;

function named(link) {
  return (link.getAttribute("aria-label") || link.dataset.title || link.textContent).replace(/\s+/g, " ").trim();
}

function gather() {
  const seen = new Set();
  commands = sources.flatMap(([group, selector]) => [...document.querySelectorAll(selector)]
    .filter((link) => link.matches("a[href]") && named(link) && !seen.has(link.href) && seen.add(link.href))
    .map((link) => ({ group: words(group), text: named(link), link })));
}

function line(text, open, href) {
  const row = element("a", { role: "option", className: "cut", textContent: text, href, id: `command-${list.children.length}` });
  row.tabIndex = -1;
  row.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    dialog.close();
    open();
  });
  return row;
}

function show(query) {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  list.replaceChildren();
  let group = "";
  for (const command of commands) {
    if (!wanted.every((word) => command.text.toLowerCase().includes(word))) continue;
    if (command.group !== group) list.append(element("div", { className: "group", textContent: (group = command.group) }));
    list.append(line(command.text, () => command.link.click(), command.link.href));
  }
  point(0);
}

async function find(query) {
  asked = query;
  if (query.length < 2) return;
  const url = new URL(dialog.dataset.url, window.location.href);
  url.searchParams.set("q", query);
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!answer.ok || asked !== query) return;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = [...part.querySelectorAll("a[role=option]")].slice(0, 12);
    if (found.length) list.append(element("div", { className: "group", textContent: words("say-found") }));
    for (const row of found) {
      const text = [...row.querySelectorAll(".t, .meta")].map((piece) => piece.textContent.replace(/\s+/g, " ").trim());
      list.append(line(text.filter(Boolean).join(" · "), () => (window.location.href = row.href), row.href));
    }
    if (!list.querySelector("[aria-selected=true]")) point(0);
  } catch { /* offline: the commands are still there */ }
  if (asked === query && !list.children.length) list.append(element("div", { className: "nothing", textContent: words("say-nothing") }));
}

function point(step) {
  const rows = [...list.querySelectorAll("[role=option]")];
  const now = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = rows[now < 0 ? 0 : (now + step + rows.length) % rows.length];
  rows.forEach((row) => row.setAttribute("aria-selected", String(row === next)));
  next?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", next?.id ?? "");
}

function open() {
  gather();
  input.value = "";
  asked = "";
  show("");
  dialog.showModal();
  input.focus();
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if (event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (document.querySelector("dialog[open]") && !dialog.open) return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  input.addEventListener("input", () => {
    const query = input.value.trim();
    show(query);
    clearTimeout(timer);
    timer = setTimeout(() => find(query), 200);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      point(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      list.querySelector("[aria-selected=true]")?.click();
    }
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}
