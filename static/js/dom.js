// What several behaviours need.

/** Run `bind` once for every element that matches, now and after each htmx swap. */
export function whenever(selector, bind) {
  const bound = new WeakSet();
  const scan = (root) => {
    const found = root.matches?.(selector) ? [root] : [];
    for (const element of [...found, ...root.querySelectorAll(selector)]) {
      if (bound.has(element)) continue;
      bound.add(element);
      bind(element);
    }
  };
  scan(document);
  document.addEventListener("htmx:load", (event) => scan(event.detail.elt));
}

/** The translated word kept in `<template id=…>`. */
export function words(id) {
  return document.getElementById(id)?.content.textContent.trim() ?? "";
}

/** The token Django wants with every write. */
export function token() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
}

/** Say it to a screen reader. */
export function announce(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}

/** Is the person writing something? Then no single key is a command. */
export function isTyping(target) {
  return Boolean(target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
}

/** A new element with these properties. */
export function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
