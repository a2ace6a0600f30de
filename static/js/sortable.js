// Lines of [data-sortable] are dragged into another order; the arrows in them do it without this.
// Filters in form[data-clean] send only what is filled in, so that addresses stay readable.
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
  dragged = null;
});
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("[data-clean]")) return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});
