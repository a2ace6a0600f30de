// Signed out: what was typed leaves this browser, and the other tabs show nothing any more.
const LEFT = "signed-out";

try {
  if (document.body.dataset.person) {
    window.addEventListener("storage", (event) => event.key === LEFT && window.location.reload());
  } else {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("draft:")) localStorage.removeItem(key);
    }
    localStorage.setItem(LEFT, String(Date.now()));
  }
} catch { /* a browser without storage keeps nothing */ }
