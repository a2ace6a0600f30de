// <select data-combobox data-url="…">: a text field with a list searched on the server (?q=, JSON
// [{id, text, hint}]). The select stays the field that is posted; without this it works by itself.
import { element, whenever, words } from "./dom.js";

let serial = 0;

class Combobox {
  constructor(select) {
    Object.assign(this, { select, rows: [], active: -1 });
    this.id = `combo-${(serial += 1)}`;
    this.draw();
    this.listen();
  }

  draw() {
    const { select } = this;
    this.box = element("div", { className: "combo" });
    this.input = element("input", {
      type: "text", className: "form-control", autocomplete: "off", value: this.chosenText(),
      placeholder: select.dataset.placeholder ?? "", disabled: select.disabled,
    });
    this.input.classList.toggle("is-invalid", select.classList.contains("is-invalid"));
    this.list = element("div", { className: "listbox", id: this.id, hidden: true, role: "listbox" });
    this.input.role = "combobox";
    this.input.ariaExpanded = "false";
    this.input.ariaAutoComplete = "list";
    this.input.setAttribute("aria-controls", this.id);
    const said = ["aria-describedby", "aria-invalid", "aria-label"].filter((name) => select.hasAttribute(name));
    for (const name of said) this.input.setAttribute(name, select.getAttribute(name));
    this.input.required = select.required;
    select.required = false;
    const label = select.id && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (label) {
      this.input.id = `${select.id}_text`;
      label.htmlFor = this.input.id;
      label.id ||= `${select.id}_label`;
      this.list.setAttribute("aria-labelledby", label.id);
    }
    select.before(this.box);
    this.box.append(this.input, this.list, select);
    select.tabIndex = -1;
  }

  listen() {
    this.input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.search(this.input.value.trim()), 200);
    });
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.list.hidden && this.search(""));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.leave());
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const row = event.target.closest("[role=option]");
      if (row) this.choose(Number(row.dataset.place));
    });
    this.select.form?.addEventListener("reset", () => setTimeout(() => (this.input.value = this.chosenText())));
  }

  chosenText() {
    const option = this.select.selectedOptions[0];
    return option?.value ? option.text.trim() : "";
  }

  async search(query) {
    const asked = (this.asked = query);
    const own = [...this.select.options].filter((option) => option.value)
      .map((option) => ({ id: option.value, text: option.text.trim(), hint: "" }));
    let rows = own.filter((row) => row.text.toLowerCase().includes(query.toLowerCase()));
    if (query && this.select.dataset.url) {
      const url = new URL(this.select.dataset.url, window.location.href);
      url.searchParams.set("q", query);
      try {
        const answer = await fetch(url, { headers: { Accept: "application/json" } });
        if (answer.ok) rows = await answer.json();
        if (!Array.isArray(rows)) rows = rows.results ?? [];
      } catch { /* offline: what the page already holds */ }
    }
    if (asked === this.asked && document.activeElement === this.input) this.open(rows.slice(0, 20));
  }

  open(rows) {
    this.rows = rows;
    this.active = -1;
    this.list.replaceChildren(...rows.map((row, place) => {
      const option = element("div", { id: `${this.id}-${place}`, role: "option" });
      option.dataset.place = place;
      option.append(element("span", { className: "cut", textContent: row.text }));
      if (row.hint) option.append(element("span", { className: "hint", textContent: row.hint }));
      return option;
    }));
    if (!rows.length) this.list.append(element("span", { className: "nothing", textContent: words("say-nothing") }));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    if (rows.length && this.input.value.trim()) this.point(0);
  }

  close() {
    this.list.hidden = true;
    this.asked = null;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  point(place) {
    this.active = (place + this.rows.length) % this.rows.length;
    [...this.list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === this.active)));
    this.list.children[this.active].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.search("");
      else if (this.rows.length) this.point(this.active + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && !this.list.hidden && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.input.value = this.chosenText();
      this.close();
    }
  }

  choose(place) {
    const { id, text } = this.rows[place];
    let option = [...this.select.options].find((each) => each.value === String(id));
    if (!option) this.select.add((option = new Option(text, id)));
    this.put(option.value, text);
    this.close();
  }

  put(value, text) {
    [this.select.value, this.input.value] = [value, text];
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  leave() {
    this.close();
    if (!this.input.value.trim() && this.select.value) this.put("", "");
    else this.input.value = this.chosenText();
  }
}

whenever("select[data-combobox]:not([multiple])", function combobox(select) {
  new Combobox(select);
});
