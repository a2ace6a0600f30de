// input[data-spoken="moment|day|sum"]: what the server understood stands under the field; a calendar picks a day too.
import { element, whenever } from "./dom.js";

const PAUSE = 250;
const NATIVE = { moment: "datetime-local", day: "date" };

whenever("input[data-spoken]", function spoken(field) {
  const shown = element("output", { className: "spoken-words" });
  shown.setAttribute("for", field.id);
  const line = element("div", { className: "spoken" });
  line.append(shown);
  if (NATIVE[field.dataset.spoken]) line.prepend(...calendar(field));
  field.after(line);
  field.after(...[...field.parentElement.querySelectorAll(":scope > .invalid-feedback")]);

  let timer = 0;
  let asked = "";
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });

  async function ask() {
    const text = (asked = field.value.trim());
    if (!text) return void (shown.textContent = "");
    const url = new URL(field.dataset.url, window.location.origin);
    url.search = new URLSearchParams({ kind: field.dataset.spoken, text });
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      const { words } = answer.ok ? await answer.json() : { words: "" };
      if (text === asked) shown.textContent = words && `= ${words}`;
    } catch { /* no network: the form itself will answer */ }
  }
});

function calendar(field) {
  const native = element("input", { type: NATIVE[field.dataset.spoken], className: "vh", tabIndex: -1 });
  native.setAttribute("aria-hidden", "true");
  const button = element("button", { type: "button", className: "b b-quiet b-sm", textContent: field.dataset.word });
  button.addEventListener("click", () => native.showPicker?.());
  native.addEventListener("change", () => {
    if (!native.value) return;
    const [day, time] = native.value.split("T");
    field.value = day.split("-").reverse().join(".") + (time ? ` ${time}` : "");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  return [native, button];
}
