// What the console does beyond HTML and htmx. Everything here has an answer without it: a page, a form, a text.
"use strict";

const byId = (id) => document.getElementById(id);
const [dialog, announcer] = [byId("dialog"), byId("announcer")];
const { lang } = document.documentElement;

// The dialog: htmx fills it, and when it closes, focus goes back to what opened it. That may have been in a menu,
// which is closed by then, or in a table, which may have been drawn anew: then its like with the same id.
let opener, focused;
document.addEventListener("htmx:beforeSwap", () => (focused = document.activeElement !== document.body && (document.activeElement.id || "page")));
document.addEventListener("htmx:beforeRequest", (event) => {
  const { detail } = event;
  const cause = detail.requestConfig.triggeringEvent;
  // A menu that is open is not drawn anew under the reader's hand: ask again in two seconds.
  if (detail.elt.matches("[hx-trigger^='every']") && document.querySelector(":popover-open")) event.preventDefault();
  if (dialog.open || !["click", "submit"].includes(cause?.type)) return;
  const pressed = cause.submitter ?? detail.elt;
  const menu = pressed.closest("[popover]");
  opener = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : pressed;
});

// Settled, so that nothing can be typed before htmx listens to it.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target === dialog && dialog.firstElementChild) {
    dialog.append(announcer); // what is outside an open dialog is not read out
    if (!dialog.open) dialog.showModal();
  }
  const lost = dialog.open ? detail.target === dialog || !dialog.contains(document.activeElement) : detail.target.matches?.("form");
  const find = (selector) => lost && (dialog.open ? dialog : byId("page")).querySelector(selector);
  (find("[aria-invalid='true'], [aria-describedby$='_error'] input:enabled") || (dialog.open && (find("[autofocus]") || find(".content input:enabled") || find("a, button"))))?.focus?.();
  // What had the focus may have moved into its row's menu.
  if (document.activeElement === document.body && focused) (byId(focused.replace(/^[a-z]+/, "more")) ?? byId("page"))?.focus();
  refresh();
});

document.addEventListener("dialog:close", () => dialog.close());
dialog?.addEventListener("close", () => {
  document.body.append(announcer);
  announcer.textContent = "";
  dialog.replaceChildren();
  ((opener?.isConnected ? opener : byId(opener?.id)) ?? byId("page")).focus();
});

// A session that ended leads to the sign-in page and back; what was typed waits there.
const keptAs = (field) => `${field.form.getAttribute("action")} ${field.name}`;
document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.xhr.status !== 401) return;
  for (const field of detail.elt.closest("form")?.querySelectorAll("textarea") ?? []) sessionStorage.setItem(keptAs(field), field.value);
});
addEventListener("load", () => {
  for (const field of document.querySelectorAll("form textarea")) {
    const kept = sessionStorage.getItem(keptAs(field));
    sessionStorage.removeItem(keptAs(field));
    if (kept) (field.value = kept), field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// No answer at all is said where one looks. (A refusal and an error have an answer of their own.)
document.addEventListener("htmx:sendError", () => {
  (dialog.open ? dialog.querySelector(".content") : byId("messages")).prepend(byId("failure").content.cloneNode(true));
});

// The chosen row decides what the toolbar can do; it says what is refused and why in data-refuse-<action>.
let chosenValue;
function updateToolbar() {
  const rows = [...document.querySelectorAll("#rows [name='image']")];
  const chosen = rows.find((row) => row.checked) ?? rows.find((row) => row.value === chosenValue);
  if (!chosen) return;
  chosen.checked = true;
  chosenValue = chosen.value;
  const refusals = new Map();
  for (const button of document.querySelectorAll("#toolbar [data-action]")) {
    const why = chosen.getAttribute(`data-refuse-${button.dataset.action}`);
    button.setAttribute("aria-disabled", Boolean(why));
    if (why) refusals.set(why, [...(refusals.get(why) ?? []), button.textContent.trim()]);
  }
  const name = Object.assign(document.createElement("b"), { textContent: chosen.dataset.name });
  const list = new Intl.ListFormat(lang);
  byId("reason").replaceChildren(name, ...[...refusals].map(([why, names]) => ` · ${list.format(names)} – ${why}`));
}

// Lists to tick: [data-ticks], with a box for all, a count and a filter that name the list by its id.
function updateTicks(list) {
  const boxes = [...list.querySelectorAll("[type='checkbox']")];
  const ticked = boxes.filter((box) => box.checked).length;
  const all = document.querySelector(`[data-select-all="${list.id}"]`);
  if (all) Object.assign(all, { checked: ticked === boxes.length, indeterminate: ticked > 0 && ticked < boxes.length });
  for (const count of document.querySelectorAll(`[data-count-for="${list.id}"]`)) count.textContent = ticked;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("#rows [name='image']")) updateToolbar();
  const all = byId(target.dataset.selectAll);
  for (const box of all?.querySelectorAll("li:not([hidden]) [type='checkbox']") ?? []) box.checked = target.checked;
  const list = all ?? target.closest("[data-ticks]");
  if (list) updateTicks(list);
});

document.addEventListener("input", ({ target }) => {
  const wanted = target.value?.trim().toLowerCase();
  for (const item of byId(target.dataset.filter)?.children ?? []) item.hidden = !item.textContent.toLowerCase().includes(wanted);
});

// Copying, dismissing, closing, choosing a row by any part of it; and the key that leads to the search.
async function copy(button) {
  if (navigator.clipboard) await navigator.clipboard.writeText(button.dataset.copy);
  else getSelection().selectAllChildren(button.previousElementSibling), document.execCommand("copy");
  button.dataset.copied = "";
  announcer.textContent = announcer.dataset.copied;
  setTimeout(() => [delete button.dataset.copied, (announcer.textContent = "")], 2000);
}

document.addEventListener("click", (event) => {
  const hit = (selector) => event.target.closest(selector);
  if (hit("[data-copy]")) copy(hit("[data-copy]"));
  if (hit("[data-dismiss]")) hit("[data-dismiss]").parentElement.remove(), byId("page").focus();
  if (hit("dialog [data-close-dialog]")) event.preventDefault(), dialog.close();
  if (hit("[data-action][aria-disabled='true']")) event.preventDefault(), event.stopPropagation();
  if (!hit("a, button, label, input, [popover]")) hit("tr")?.querySelector("[type='radio']")?.click();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-filter]")) event.preventDefault(); // it is no OK
  const search = document.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  if (!search || dialog.open || event.ctrlKey || event.metaKey || event.target.matches("input, textarea, select")) return;
  event.preventDefault();
  search.focus();
});

// Times in the reader's zone; the exact one, in UTC, on hover.
const clock = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
function refresh() {
  for (const time of document.querySelectorAll("time[datetime]:not([title])")) {
    time.title = time.textContent;
    time.textContent = clock.format(new Date(time.dateTime));
  }
  for (const list of document.querySelectorAll("[data-ticks]")) updateTicks(list);
  updateToolbar();
}
refresh();
