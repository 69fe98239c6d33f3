// What the console does beyond HTML and htmx. Without it, every feature still works as a page, a
// form or a text.
"use strict";

const byId = (id) => document.getElementById(id);
const dialog = byId("dialog");
const announcer = byId("announcer");
const { lang } = document.documentElement;

// The dialog: htmx fills it. When it closes, focus returns to the element that opened it. That
// element may have been in a menu, which is closed by then, or in a table that was redrawn since:
// then focus returns to the menu's button, or to the new element with the same id.
let opener;
let focusedId;

document.addEventListener("htmx:beforeSwap", () => {
  const active = document.activeElement;
  focusedId = active === document.body ? "" : active.id || "page";
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  const cause = requestConfig.triggeringEvent;
  // An open menu is not redrawn while somebody uses it. The next poll is in two seconds.
  if (elt.matches("[hx-trigger^='every']") && document.querySelector(":popover-open")) {
    event.preventDefault();
  }
  if (dialog.open || !["click", "submit"].includes(cause?.type)) return;
  const pressed = cause.submitter ?? elt;
  const menu = pressed.closest("[popover]");
  opener = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : pressed;
});

// The first invalid field, else the autofocus, the first field, or the first control.
function findFocus(scope) {
  const invalid = "[aria-invalid='true'], [aria-describedby$='_error'] input:enabled";
  const selectors = [invalid];
  if (dialog.open) selectors.push("[autofocus]", ".content input:enabled", "a, button");
  for (const selector of selectors) {
    const found = scope.querySelector(selector);
    if (found) return found;
  }
  return null;
}

// After settling, so that nothing can be typed before htmx listens to the new fields.
document.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
  if (target === dialog && dialog.firstElementChild) {
    dialog.append(announcer); // screen readers ignore what is outside an open dialog
    if (!dialog.open) dialog.showModal();
  }
  const isOutside = !dialog.contains(document.activeElement);
  const isLost = dialog.open ? target === dialog || isOutside : target.matches?.("form");
  if (isLost) findFocus(dialog.open ? dialog : byId("page"))?.focus();
  // The focused button may have moved into the menu of its row.
  if (document.activeElement === document.body && focusedId) {
    const menuButton = byId(focusedId.replace(/^[a-z]+/, "more"));
    (menuButton ?? byId("page"))?.focus();
  }
  refresh();
});

document.addEventListener("dialog:close", () => dialog.close());
dialog?.addEventListener("close", () => {
  document.body.append(announcer);
  announcer.textContent = "";
  dialog.replaceChildren();
  const again = opener?.isConnected ? opener : byId(opener?.id);
  (again ?? byId("page")).focus();
});

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

// A request without any response shows a notice. Refusals and errors bring their own.
document.addEventListener("htmx:sendError", () => {
  const place = dialog.open ? dialog.querySelector(".content") : byId("messages");
  place.prepend(byId("failure").content.cloneNode(true));
});

// The chosen row decides which buttons of the toolbar work. Its data-refuse-<action> says why not.
let chosenValue;

function updateToolbar() {
  const rows = [...document.querySelectorAll("#rows [name='image']")];
  const checked = rows.find((row) => row.checked);
  const chosen = checked ?? rows.find((row) => row.value === chosenValue);
  if (!chosen) return;
  chosen.checked = true;
  chosenValue = chosen.value;
  const labels = new Map();
  for (const button of document.querySelectorAll("#toolbar [data-action]")) {
    const reason = chosen.getAttribute(`data-refuse-${button.dataset.action}`);
    button.setAttribute("aria-disabled", Boolean(reason));
    if (!reason) continue;
    const others = labels.get(reason) ?? [];
    labels.set(reason, [...others, button.textContent.trim()]);
  }
  const name = document.createElement("b");
  name.textContent = chosen.dataset.name;
  const list = new Intl.ListFormat(lang);
  const reasons = [...labels].map(([reason, names]) => ` · ${list.format(names)} – ${reason}`);
  byId("reason").replaceChildren(name, ...reasons);
}

// Text with a number: data-none is "Copy", data-one "Copy to 1 region", data-many "Copy to 2
// regions".
function showCount(id, count) {
  for (const element of document.querySelectorAll(`[data-count-for="${id}"]`)) {
    const { none, one, many } = element.dataset;
    const text = { 0: none, 1: one }[count] ?? many;
    element.textContent = text.replace(/\d+/, count);
  }
}

function updateNumber(field) {
  showCount(field.id, field.value && field.validity.valid ? field.valueAsNumber : 0);
}

// Lists of checkboxes: [data-ticks], with a "select all", a count and a filter that name the list.
function updateTicks(list) {
  const boxes = [...list.querySelectorAll("[type='checkbox']")];
  const ticked = boxes.filter((box) => box.checked).length;
  const all = document.querySelector(`[data-select-all="${list.id}"]`);
  if (all) {
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }
  showCount(list.id, ticked);
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("#rows [name='image']")) updateToolbar();
  const all = byId(target.dataset.selectAll);
  for (const box of all?.querySelectorAll("li:not([hidden]) [type='checkbox']") ?? []) {
    box.checked = target.checked;
  }
  const list = all ?? target.closest("[data-ticks]");
  if (list) updateTicks(list);
});

document.addEventListener("input", ({ target }) => {
  if (target.type === "number") updateNumber(target);
  const wanted = target.value?.trim().toLowerCase();
  for (const item of byId(target.dataset.filter)?.children ?? []) {
    item.hidden = !item.textContent.toLowerCase().includes(wanted);
  }
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
  byId("page").focus();
}

function handleClick(event) {
  const hit = (selector) => event.target.closest(selector);
  if (hit("[data-copy]")) copy(hit("[data-copy]"));
  if (hit("[data-dismiss]")) dismiss(hit("[data-dismiss]"));
  if (hit("dialog [data-close-dialog]")) {
    event.preventDefault();
    dialog.close();
  }
  if (hit("[data-action][aria-disabled='true']")) {
    event.preventDefault();
    event.stopPropagation();
  }
  // A click anywhere in a row chooses it.
  const isControl = hit("a, button, label, input, [popover]");
  if (!isControl) hit("tr")?.querySelector("[type='radio']")?.click();
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

// Times in the reader's zone; the exact time, in UTC, is the tooltip.
const clock = new Intl.DateTimeFormat(lang, {
  dateStyle: "medium",
  timeStyle: "short",
  hourCycle: "h23",
});

function refresh() {
  for (const time of document.querySelectorAll("time[datetime]:not([title])")) {
    time.title = time.textContent;
    time.textContent = clock.format(new Date(time.dateTime));
  }
  for (const list of document.querySelectorAll("[data-ticks]")) updateTicks(list);
  for (const field of document.querySelectorAll("[type='number']")) updateNumber(field);
  updateToolbar();
}

refresh();
// "Back" restores the state of forms later.
addEventListener("pageshow", refresh);
