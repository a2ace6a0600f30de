// Lines of [data-sortable] are dragged into another order; the arrows in them do it without this.
// With data-sorted-url the order is sent at once: `tile` is the data-key of each line.
// Filters in form[data-clean] send only what is filled in, so that addresses stay readable.
import { token } from "./dom.js";

let dragged = null;

document.addEventListener("dragstart", (event) => {
  const line = event.target.closest?.("[data-sortable] > li");
  if (!line) return;
  dragged = line;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  requestAnimationFrame(() => line.classList.add("lift"));
});
document.addEventListener("dragover", (event) => {
  const line = dragged && event.target.closest?.("[data-sortable] > li");
  if (!line || line.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const box = line.getBoundingClientRect();
  const isBelow = event.clientY > box.top + box.height / 2;
  if (line !== dragged) line[isBelow ? "after" : "before"](dragged);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("lift");
  const list = dragged?.closest("[data-sorted-url]");
  if (list) {
    const keys = [...list.children].map((line) => ["tile", line.dataset.key]);
    const headers = { "X-CSRFToken": token() };
    fetch(list.dataset.sortedUrl, { method: "POST", headers, body: new URLSearchParams(keys) });
  }
  dragged = null;
});
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-clean]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
