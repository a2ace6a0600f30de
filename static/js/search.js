// The results under the search box: arrows walk them, Enter opens the pointed one or the page of results.
const form = document.querySelector("[data-search]");
const input = form?.querySelector("input");
const list = document.getElementById("search-results");

function rows() {
  return [...list.querySelectorAll("[role=option]")];
}

function point(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = all[(now + step + all.length + (now < 0 && step < 0 ? 1 : 0)) % all.length];
  all.forEach((row, place) => {
    row.id ||= `found-${place}`;
    row.setAttribute("aria-selected", String(row === next));
  });
  next.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", next.id);
}

function clear() {
  list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

if (form) {
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      point(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      const chosen = list.querySelector("[aria-selected=true]");
      if (chosen?.href) {
        event.preventDefault();
        window.location.href = chosen.href;
      }
    } else if (event.key === "Escape") {
      if (!list.children.length) input.value = "";
      clear();
    }
  });
  // Two letters or three digits at least.
  input.addEventListener("htmx:configRequest", (event) => {
    const text = input.value.trim();
    const digits = text.replace(/\D/g, "");
    if (text.length < 2 || (digits.length === text.length && digits.length < 3)) {
      event.preventDefault();
      clear();
    }
  });
  list.addEventListener("htmx:afterSwap", () => input.setAttribute("aria-expanded", String(rows().length > 0)));
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || setTimeout(clear, 150));
}
