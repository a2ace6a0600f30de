// Rows of a Django formset. [data-formset="prefix"] holds [data-formset-rows], a <template> of the empty
// form with __prefix__, and a button [data-formset-add]; a row is [data-formset-row] with [data-formset-remove].
import { whenever } from "./dom.js";

whenever("[data-formset]", function formset(box) {
  const total = box.querySelector(`[name="${box.dataset.formset}-TOTAL_FORMS"]`);
  const rows = box.querySelector("[data-formset-rows]");
  const template = box.querySelector("template");

  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-formset-add]")) add();
    const remove = event.target.closest("[data-formset-remove]");
    if (remove) drop(remove.closest("[data-formset-row]"));
  });

  function add() {
    const holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.firstElementChild;
    rows.append(row);
    total.value = Number(total.value) + 1;
    window.htmx.process(row);
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: row } }));
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }

  // The row stays in the form, hidden and marked, so that the numbers of the others hold.
  function drop(row) {
    const mark = row.querySelector("input[name$=-DELETE]");
    if (!mark) return;
    mark.type === "checkbox" ? (mark.checked = true) : (mark.value = "on");
    for (const field of row.querySelectorAll("[required]")) field.required = false;
    row.hidden = true;
    box.querySelector("[data-formset-add]")?.focus();
  }
});
