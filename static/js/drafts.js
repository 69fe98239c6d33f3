"use strict";

// What is typed in a form[data-draft] stays in this tab until it was sent or the person signs out.
// The attribute is the address of a form drawn by a GET, which gets its draft back. It is empty in
// the answer to a POST, which is the truth: the draft follows it.
const { drawnFor } = document.body.dataset;
let draftForm = document.querySelector(".problem form"); // which sends the last one again
let draftKey = sessionStorage.getItem("sent");
let asDrawn;

function collect(form) {
  const data = new FormData(form);
  const others = form.querySelectorAll("[type='hidden'], [type='password'], [type='file']");
  for (const field of others) data.delete(field.name);
  return new URLSearchParams(data).toString();
}

// Sets the fields as if somebody typed, so that counts and verdicts follow.
function restore(form, draft) {
  const values = new URLSearchParams(draft);
  for (const field of form.querySelectorAll("[name]:is(textarea, select, input)")) {
    const isTick = ["checkbox", "radio"].includes(field.type);
    const property = isTick ? "checked" : "value";
    const kept = isTick ? values.has(field.name, field.value) : values.get(field.name);
    if (field.type === "hidden" || kept === null || field[property] === kept) continue;
    field[property] = kept;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

// After settling, so that htmx listens to what is restored.
function drawForm(form) {
  if (form === draftForm || (dialog?.open && !dialog.contains(form))) return;
  draftForm = form;
  const { draft } = form.dataset;
  if (draft || !draftKey || !asDrawn) asDrawn = collect(form);
  if (!draft && draftKey) sessionStorage.setItem(draftKey, collect(form));
  if (!draft) return;
  draftKey = draft;
  restore(form, sessionStorage.getItem(draftKey) ?? asDrawn);
  if (collect(form) === asDrawn) return;
  form.querySelector(".content").prepend(byId("restored").content.cloneNode(true));
}

keepUpdated("form[data-draft]", drawForm);
dialog?.addEventListener("close", () => {
  draftForm = undefined;
  draftKey = undefined;
  document.querySelectorAll("form[data-draft]").forEach(drawForm); // a form of the page behind
});

document.addEventListener("input", ({ target: { form } }) => {
  if (draftKey && form === draftForm) sessionStorage.setItem(draftKey, collect(form));
});

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-start-over]")) return;
  restore(draftForm, asDrawn);
  sessionStorage.removeItem(draftKey);
});

// More than three words or ticks differ from the form as it was drawn.
function isMuchTyped() {
  if (!dialog.contains(draftForm)) return false;
  const split = (text) => new Set(text.replace(/%0A|%2C/g, "+").match(/[^&=+]{1,36}/g));
  return split(collect(draftForm)).symmetricDifference(split(asDrawn)).size > 3;
}

// Sent: htmx closes the dialog, or the next page shows neither the form nor an error.
const forgetDraft = () => draftForm && sessionStorage.removeItem(draftKey);
document.addEventListener("dialog:close", forgetDraft);
document.addEventListener("access-keys:changed", forgetDraft);
document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (target === draftForm && !defaultPrevented) sessionStorage.setItem("sent", draftKey);
  if (target.getAttribute("action")?.endsWith("/sign-out/")) sessionStorage.clear();
});

const isSent = !document.querySelector("form[data-draft], .problem, .notice.bad");
if (drawnFor && document.referrer && isSent) sessionStorage.removeItem(draftKey);
if (isSent) draftKey = undefined;
sessionStorage.removeItem("sent");
// Nothing for somebody else who signed in in this tab.
if (drawnFor && drawnFor !== sessionStorage.getItem("owner")) sessionStorage.clear();
if (drawnFor) sessionStorage.setItem("owner", drawnFor);
