// The board: drag a card, Alt with an arrow, or its menu. The move is shown at once and taken back
// when the server refuses. A card: .dc[draggable][data-move-url][data-version]; a column: .kcol[data-stage],
// whose value is posted as the board's data-field ("stage" without it).
// While a card is dragged, .drops [data-drop-url] of the foot strip opens that dialog for it.
import { announce, token, words } from "./dom.js";
import { fillDialog, openDialog } from "./dialog.js";
import { say } from "./toast.js";

let dragged = null;

const column = (card) => card.closest(".kcol[data-stage]");
const columns = () => [...document.querySelectorAll(".kcol[data-stage]")];

function place(card, target) {
  const from = { parent: card.parentElement, next: card.nextElementSibling };
  target.querySelector(".cards").prepend(card);
  return () => from.parent.insertBefore(card, from.next);
}

function heads(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of page.querySelectorAll("[id]")) {
    const old = document.getElementById(part.id);
    if (!old || part.parentElement.closest("[id]")) continue;
    old.replaceWith(part);
    window.htmx.process(part);
  }
}

async function move(card, target) {
  if (!target || column(card) === target || card.getAttribute("aria-busy")) return;
  const back = place(card, target);
  card.setAttribute("aria-busy", "true");
  card.focus();
  const name = target.getAttribute("aria-label") ?? "";
  const data = new URLSearchParams({ [target.closest("#board").dataset.field ?? "stage"]: target.dataset.stage, version: card.dataset.version ?? "" });
  try {
    const answer = await fetch(card.dataset.moveUrl, {
      method: "POST",
      body: data,
      headers: { "X-CSRFToken": token(), "HX-Request": "true", "HX-Target": "board" },
    });
    const text = await answer.text();
    if (answer.ok) done(card, answer, text, name);
    else refused(card, answer, text, back);
  } catch {
    back();
    say("toast-offline");
  } finally {
    card.removeAttribute("aria-busy");
  }
}

// The answer may hold the card and the heads of both columns, each with its id, and a version header.
function done(card, answer, text, name) {
  const version = answer.headers.get("X-Version");
  if (version) card.dataset.version = version;
  const told = answer.headers.get("HX-Trigger");
  if (text.trim()) heads(text);
  document.getElementById(card.id)?.focus();
  if (told?.startsWith("{")) {
    for (const [event, detail] of Object.entries(JSON.parse(told))) window.htmx.trigger(document.body, event, detail);
  }
  announce(`${words("say-moved")} ${name}`);
}

function refused(card, answer, text, back) {
  back();
  card.focus();
  const isHtml = (answer.headers.get("Content-Type") ?? "").includes("html");
  if (answer.status === 422 && isHtml && text.includes("<")) fillDialog(text, card.dataset.moveUrl, "", card);
  else if (answer.status === 422 || answer.status === 409) say("toast-failed", isHtml ? "" : text);
  else say(answer.status < 500 ? "toast-refused" : "toast-failed");
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".dc[draggable=true]");
  if (!card) return;
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.id);
  requestAnimationFrame(() => {
    card.classList.add("lift");
    document.querySelectorAll(".drops").forEach((strip) => (strip.hidden = false));
  });
});
document.addEventListener("dragover", (event) => {
  const target = dragged && event.target.closest?.(".kcol[data-stage], [data-drop]");
  document.querySelectorAll(".over").forEach((each) => each !== target && each.classList.remove("over"));
  if (!target) return;
  event.preventDefault();
  target.classList.add("over");
});
document.addEventListener("drop", (event) => {
  const target = dragged && event.target.closest?.(".kcol[data-stage], [data-drop]");
  if (!target) return;
  event.preventDefault();
  const address = target.dataset.drop && dragged.dataset[`${target.dataset.drop}Url`];
  if (address) openDialog(address, target.textContent.trim(), dragged);
  else if (target.dataset.stage) move(dragged, target);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("lift");
  dragged = null;
  document.querySelectorAll(".over").forEach((each) => each.classList.remove("over"));
  document.querySelectorAll(".drops").forEach((strip) => (strip.hidden = true));
});
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".dc");
  if (!card || event.target !== card) return;
  const all = columns();
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.altKey && step) {
    event.preventDefault();
    if (card.dataset.moveUrl) move(card, all[all.indexOf(column(card)) + step]);
  } else if (event.code === "KeyM" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    card.querySelector("[popovertarget], .dc-menu")?.click();
  } else if (event.key === "Enter") {
    card.querySelector("a.dc-t")?.click();
  }
});
// A choice in the card's menu: <button data-stage-choice="7">.
document.addEventListener("click", (event) => {
  const choice = event.target.closest?.("[data-stage-choice]");
  const card = choice?.closest(".dc");
  if (!card) return;
  event.preventDefault();
  choice.closest("[popover]")?.hidePopover();
  move(card, columns().find((each) => each.dataset.stage === choice.dataset.stageChoice));
});
