// Links with data-dialog open their page's fragment in the one dialog; without this they are pages.
// The server sees the target "dialog-body". Forms in it post there too; HX-Redirect or the event
// "dialog:close" ends it.
import { say } from "./toast.js";

const dialog = document.getElementById("dialog");
const body = document.getElementById("dialog-body");
const title = document.getElementById("dialog-title");
let opener = null;
let address = "";

function show(heading) {
  title.textContent = heading;
  if (!dialog.open) dialog.showModal();
}

/** Open the fragment of an address. */
export function openDialog(url, heading = "", from = document.activeElement) {
  opener = from;
  address = url;
  body.replaceChildren(Object.assign(document.createElement("p"), { className: "muted", textContent: body.dataset.loading }));
  show(heading);
  return window.htmx.ajax("GET", url, { target: body, swap: "innerHTML" }).catch(() => dialog.close());
}

/** Show html that the server has already answered with, such as a question with status 422. */
export function fillDialog(html, url, heading = "", from = null) {
  opener = from;
  address = url;
  show(heading);
  body.innerHTML = fragment(html);
  window.htmx.process(body);
  settle();
}

// A server that answers with a whole page gives its content.
function fragment(html) {
  if (!/<html[\s>]/i.test(html)) return html;
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-fragment], #main")?.innerHTML ?? page.body.innerHTML;
}

// Forms post into the dialog; the heading of the page becomes the dialog's; the first field gets the focus.
function settle() {
  for (const form of body.querySelectorAll("form[method=post]:not([hx-post])")) {
    form.setAttribute("hx-post", form.getAttribute("action") || address);
    form.setAttribute("hx-target", "#dialog-body");
    window.htmx.process(form);
  }
  const heading = body.querySelector(".dialog-title, [data-dialog-title], h1");
  if (heading) title.textContent = heading.textContent.trim();
  if (heading?.tagName === "H2") heading.remove();
  const wanted = body.querySelector("[data-errors], .is-invalid, [autofocus]");
  (wanted ?? body.querySelector("input:not([type=hidden]), select, textarea, button"))?.focus();
}

if (dialog) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      const menu = link.closest("[popover]");
      menu?.hidePopover();
      const from = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : link;
      openDialog(link.href, link.dataset.title || link.getAttribute("aria-label") || link.textContent.trim(), from);
      return;
    }
    const sheet = event.target.closest("[data-open]");
    if (sheet) {
      sheet.closest("[popover]")?.hidePopover();
      document.getElementById(sheet.dataset.open)?.showModal();
    }
    const close = event.target.closest("dialog :is([data-close], [data-dialog-close])");
    if (close) {
      event.preventDefault();
      close.closest("dialog").close();
    }
    if (event.target.matches?.("dialog") && event.target.open && !event.target.querySelector("form")) event.target.close();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== body) return;
    event.detail.serverResponse = fragment(event.detail.serverResponse);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target === body || event.detail.elt === body) settle();
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.target === body && !body.querySelector("form")) dialog.close();
  });
  document.addEventListener("dialog:close", (event) => {
    dialog.close();
    if (event.detail?.text) say("toast-plain", event.detail.text);
  });
  dialog.addEventListener("close", () => {
    body.replaceChildren();
    opener?.isConnected && opener.focus();
    opener = null;
  });
}
