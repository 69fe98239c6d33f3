"use strict";

// While an input method composes, nothing is checked.
document.addEventListener("input", (event) => event.isComposing && event.stopPropagation(), true);
document.addEventListener("compositionend", ({ target }) => {
  target.dispatchEvent(new Event("input", { bubbles: true }));
});

// OK is off while there is a reason. Pressing it announces the first one and goes to its field.
const REASONS = "#outcome [data-field], :has(#id_acknowledged:not(:checked)) > * > .unconfirmed";
function updateOk(event) {
  const isTyped = event?.type === "input" && event.target.id === "id_accounts";
  if (isTyped) byId("outcome").replaceChildren(); // it was about the old text
  const isOff = Boolean(document.querySelector(REASONS));
  document.querySelector("#outcome ~ .primary")?.setAttribute("aria-disabled", isOff);
}
keepUpdated(updateOk);
for (const type of ["input", "change"]) document.addEventListener(type, updateOk);
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
