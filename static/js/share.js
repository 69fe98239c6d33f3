"use strict";

// While an input method composes, nothing is checked.
document.addEventListener("input", (event) => event.isComposing && event.stopPropagation(), true);
document.addEventListener("compositionend", ({ target }) => {
  target.dispatchEvent(new Event("input", { bubbles: true }));
});

// What is said about the old text is not about the new one.
document.addEventListener("input", ({ target }) => {
  if (target.id === "id_accounts") byId("outcome").replaceChildren();
});

// OK is off while there is a reason. Pressing it announces the first one and goes to its field.
const REASONS = "#outcome [data-field], :has(#id_acknowledged:not(:checked)) > * > .unconfirmed";
keepUpdated("#outcome ~ .primary", (ok) => {
  ok.setAttribute("aria-disabled", Boolean(document.querySelector(REASONS)));
});
document.addEventListener("submit", (event) => {
  const reason = event.target.querySelector(REASONS);
  if (!reason) return;
  event.preventDefault();
  event.stopPropagation();
  announcer.textContent = reason.textContent;
  byId(reason.dataset.field).focus();
}, true);

// A file that is dropped on the form is read like a chosen one.
function takeFile(event) {
  const input = event.target.closest?.("form")?.elements.file;
  if (!input || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  input.form.classList.toggle("dragged", event.type === "dragover");
  if (event.type !== "drop") return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, takeFile);
