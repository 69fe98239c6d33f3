// What every script uses, and what works on every page. Without JavaScript, every feature still
// works as a page, a form or a text.
"use strict";

const byId = (id) => document.getElementById(id);
const dialog = byId("dialog");
const announcer = byId("announcer");
const { lang } = document.documentElement;

// Calls `update` now, after every change by htmx, and after "Back", which restores forms late.
function keepUpdated(update) {
  update();
  document.addEventListener("htmx:afterSettle", update);
  addEventListener("pageshow", update);
}

// Every request says whom the page was drawn for, so that it never acts for another account.
document.addEventListener("htmx:configRequest", ({ detail: { headers } }) => {
  headers["X-Drawn-For"] = encodeURIComponent(document.body.dataset.drawnFor ?? "");
});

async function copy(button) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(button.dataset.copy);
  } else {
    getSelection().selectAllChildren(button.previousElementSibling);
    document.execCommand("copy");
  }
  button.dataset.copied = "";
  announcer.textContent = announcer.dataset.copied;
  setTimeout(() => {
    delete button.dataset.copied;
    announcer.textContent = "";
  }, 2000);
}

function dismiss(button) {
  button.parentElement.remove();
  (dialog.open ? findFocus(dialog) : byId("page")).focus();
}

function handleClick(event) {
  const hit = (selector) => event.target.closest(selector);
  // With a modifier, the browser opens the link in a tab or window, so no script may hear of it.
  if ((event.ctrlKey || event.metaKey || event.shiftKey) && hit("a[href]")) {
    event.stopPropagation();
    return;
  }
  if (hit("[data-copy]")) copy(hit("[data-copy]"));
  if (hit("[data-dismiss]")) dismiss(hit("[data-dismiss]"));
  if (hit("dialog [data-close-dialog]")) {
    event.preventDefault();
    closeDialog(event);
  }
  if (hit("[data-action][aria-disabled='true']")) {
    event.preventDefault();
    event.stopPropagation();
  }
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

// A date that the browser can't read stays in its field. The page says so, not a bubble.
function refuseDate(event) {
  if (event.target.type !== "date") return;
  event.preventDefault();
  event.target.focus();
}

document.addEventListener("invalid", refuseDate, true);
