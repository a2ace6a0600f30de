// Theme and density change at once; the server keeps them. The phone's bar takes the title of the page.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-switch] button");
  if (button) document.documentElement.dataset.bsTheme = button.value;
  const rows = event.target.closest?.("[data-density-switch] button");
  if (rows) document.documentElement.dataset.density = rows.value;
});

const title = document.querySelector("#main h1");
const bar = document.querySelector("[data-page-title]");
if (title && bar) bar.textContent = title.textContent.trim();
