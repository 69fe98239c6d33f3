"use strict";

// The dialog: htmx fills it. When it closes, focus returns to the element that opened it. That
// element may have been in a menu, which is closed by then, or in a table that was redrawn since:
// then focus returns to the menu's button, or to the new element with the same id.
let opener;
let focusedId;

// A verdict on its way has no place in the next content. What OK sent goes on.
function abortVerdict() {
  const form = dialog.querySelector("form:not(.htmx-request)");
  if (form) htmx.trigger(form, "htmx:abort");
}

document.addEventListener("htmx:beforeSwap", ({ target }) => {
  if (target === dialog) abortVerdict();
  const active = document.activeElement;
  focusedId = active === document.body ? "" : active.id || "page";
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const cause = requestConfig.triggeringEvent;
  // No poll after an error until it is time, nor under an open menu, which would be redrawn.
  const isEarly = Date.now() < retryAt || document.querySelector(":popover-open");
  if (elt.matches("[hx-trigger^='every']") && isEarly) event.preventDefault();
  if (dialog.open || !["click", "submit"].includes(cause?.type)) return;
  const pressed = cause.submitter ?? elt;
  const menu = pressed.closest("[popover]");
  opener = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : pressed;
});

// The first invalid field. In the dialog else the autofocus, the first field, or the first control.
function findFocus() {
  const invalid = "[aria-invalid='true'], [aria-describedby$='_error'] input:enabled";
  if (!dialog.open) return byId("page").querySelector(invalid);
  const selectors = [invalid, "[autofocus]", ".content input:enabled", "a, button"];
  return selectors.map((selector) => dialog.querySelector(selector)).find(Boolean);
}

// After settling, so that nothing can be typed before htmx listens to the new fields.
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  if (target === dialog && dialog.firstElementChild) {
    dialog.append(announcer); // screen readers ignore what is outside an open dialog
    if (!dialog.open) dialog.showModal();
  }
  const isOutside = !dialog.contains(document.activeElement);
  const isLost = dialog.open ? target === dialog || isOutside : target.matches?.("form");
  if (isLost) findFocus()?.focus();
  // The focused button may have moved into the menu of its row.
  if (document.activeElement === document.body && focusedId) {
    const menuButton = byId(focusedId.replace(/^[a-z]+/, "more"));
    (menuButton ?? byId("page"))?.focus();
  }
});

// Closing asks first if much was typed. A second Esc closes.
function closeDialog(event) {
  event.preventDefault();
  if (byId("close-question") || !isMuchTyped()) {
    dialog.close();
  } else {
    dialog.querySelector("footer").before(byId("question").content.cloneNode(true));
    byId("close-question").querySelector("button").focus();
  }
}

dialog?.addEventListener("cancel", closeDialog);
document.addEventListener("dialog:close", () => dialog.close());
dialog?.addEventListener("close", () => {
  abortVerdict();
  document.body.append(announcer);
  announcer.textContent = "";
  dialog.replaceChildren();
  const again = opener?.isConnected ? opener : byId(opener?.id);
  (again ?? byId("page")).focus();
});
