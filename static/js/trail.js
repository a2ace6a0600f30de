// The list one came from: its rows are kept for the tab, so that a card leads to the next and the
// previous one and back to the same place. Without this the browser's own Back does it.
const KEY = "trail";
const LINKS = "#rows a.t, #board .dc-t";

const pathOf = (link) => new URL(link.href).pathname;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function keep(trail) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(trail));
  } catch {
    // no storage, no trail
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(LINKS);
  if (!link) return;
  const rows = [...document.querySelectorAll(LINKS)].map(pathOf);
  keep({ list: location.pathname + location.search, rows, at: pathOf(link), top: window.scrollY });
});

function aim(link, path) {
  if (path) link.href = path;
  else link.remove();
}

function showWay() {
  const nav = document.querySelector("[data-trail]");
  const { rows = [], list } = read();
  const place = rows.indexOf(location.pathname);
  if (!nav || place < 0) return;
  keep({ ...read(), at: location.pathname });
  nav.querySelector("[data-trail-back]").href = list;
  nav.querySelector("[data-trail-place]").textContent = `${place + 1} / ${rows.length}`;
  aim(nav.querySelector("[rel=prev]"), rows[place - 1]);
  aim(nav.querySelector("[rel=next]"), rows[place + 1]);
  nav.hidden = false;
}

// Back on the list: the row one was at has the focus, at the height where it was.
function returnToPlace() {
  const { list, at, top } = read();
  const isBack = list === location.pathname + location.search && at && document.querySelector(LINKS);
  const came = document.referrer && new URL(document.referrer).pathname;
  if (!isBack || (came !== at && performance.getEntriesByType("navigation")[0]?.type !== "back_forward")) return;
  const row = [...document.querySelectorAll(LINKS)].find((link) => pathOf(link) === at);
  if (!row) return;
  window.scrollTo({ top, behavior: "instant" });
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

showWay();
returnToPlace();
