"use strict";

// A session that ended leads to the sign-in page and back. Typed text is kept meanwhile.
const storageKey = (field) => `${field.form.getAttribute("action")} ${field.name}`;

document.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr, elt } }) => {
  if (xhr.status !== 401) return;
  for (const field of elt.closest("form")?.querySelectorAll("textarea") ?? []) {
    sessionStorage.setItem(storageKey(field), field.value);
  }
});

addEventListener("load", () => {
  for (const field of document.querySelectorAll("form textarea")) {
    const kept = sessionStorage.getItem(storageKey(field));
    sessionStorage.removeItem(storageKey(field));
    if (!kept) continue;
    field.value = kept;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
