// What every script uses, and what works on every page. Without JavaScript, every feature still
// works as a page, a form or a text.
"use strict";

const byId = (id) => document.getElementById(id);
const dialog = byId("dialog");
const announcer = byId("announcer");

// Updates each of these elements when the page is there, also by "Back", and after every change by
// a person or htmx.
function keepUpdated(selector, update) {
  const updateEach = () => document.querySelectorAll(selector).forEach(update);
  for (const type of ["pageshow", "input", "htmx:afterSettle"]) addEventListener(type, updateEach);
}

async function copy(button) {
  const { clipboard } = navigator; // only over HTTPS
  if (!clipboard) getSelection().selectAllChildren(button.previousElementSibling);
  await (clipboard?.writeText(button.dataset.copy) ?? document.execCommand("copy"));
  button.dataset.copied = "";
  announcer.textContent = announcer.dataset.copied;
  setTimeout(() => {
    delete button.dataset.copied;
    announcer.textContent = "";
  }, 2000);
}

function dismiss(button) {
  button.parentElement.remove();
  (findFocus() ?? byId("page")).focus();
}

function handleClick(event) {
  const hit = (selector) => event.target.closest(selector);
  // With a modifier, the browser opens the link in a tab or window, so no script may hear of it.
  const isElsewhere = (event.ctrlKey || event.metaKey || event.shiftKey) && hit("a[href]");
  const isOff = hit("#toolbar [aria-disabled='true']");
  if (isElsewhere || isOff) event.stopPropagation();
  if (isOff) event.preventDefault();
  if (isElsewhere) return;

  if (hit("[data-copy]")) copy(hit("[data-copy]"));
  if (hit("[data-dismiss]")) dismiss(hit("[data-dismiss]"));
  if (hit("dialog [data-close-dialog]")) closeDialog(event);
}

document.addEventListener("click", handleClick, true);

document.addEventListener("keydown", (event) => {
  const { target } = event;
  // Enter in a filter does not submit the form.
  if (event.key === "Enter" && target.matches("[data-filter]")) event.preventDefault();
  // The key of a search field moves the focus there.
  const search = document.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  const isTyping = target.matches("input, textarea, select");
  if (!search || dialog.open || event.ctrlKey || event.metaKey || isTyping) return;
  event.preventDefault();
  search.focus();
});

// The server shows times in the browser's zone, which it learns from this cookie.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const secure = location.protocol === "https:" ? "; secure" : "";
document.cookie = `time_zone=${timeZone}; path=/; max-age=31536000; samesite=lax${secure}`;

// A date that the browser can't read is not sent. The style sheet shows the error below its field.
document.addEventListener("htmx:validation:failed", ({ target }) => target.focus());
