// Rows chosen in a list: [data-bulk] holds the table and the bar; Shift takes a range.
import { whenever } from "./dom.js";

whenever("[data-bulk]", function bulk(box) {
  const bar = box.querySelector("[data-bulk-bar]");
  const count = box.querySelector("[data-bulk-count]");
  const all = box.querySelector("[data-bulk-all]");
  let last = null;

  const boxes = () => [...box.querySelectorAll("[data-bulk-row]")];

  function tell() {
    const chosen = boxes().filter((each) => each.checked);
    for (const each of boxes()) each.closest("tr")?.classList.toggle("sel", each.checked);
    if (bar) bar.hidden = chosen.length === 0;
    if (count) count.textContent = chosen.length;
    if (all) {
      all.checked = chosen.length > 0 && chosen.length === boxes().length;
      all.indeterminate = chosen.length > 0 && !all.checked;
    }
  }

  box.addEventListener("click", (event) => {
    if (event.target === all) boxes().forEach((each) => (each.checked = all.checked));
    if (event.target.closest("[data-bulk-clear]")) boxes().forEach((each) => (each.checked = false));
    const row = event.target.closest("[data-bulk-row]");
    if (row) {
      const rows = boxes();
      if (event.shiftKey && last) {
        const [from, to] = [rows.indexOf(last), rows.indexOf(row)].sort((a, b) => a - b);
        rows.slice(from, to + 1).forEach((each) => (each.checked = row.checked));
      }
      last = row;
    }
    tell();
  });
  tell();
});
