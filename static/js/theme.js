// The theme changes at once; the server keeps it. The phone's bar takes the title of the page.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-theme-switch] button");
  if (button) document.documentElement.dataset.bsTheme = button.value;
});

const title = document.querySelector("#main h1");
const bar = document.querySelector("[data-page-title]");
if (title && bar) bar.textContent = title.textContent.trim();
