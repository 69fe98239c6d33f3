"use strict";

// The rows that are selected decide which buttons of the toolbar work: data-refuse-<action> of a row
// says why not, and data-single of a button that it is for one image.
let selected = new Set();
let listAddress;
let lastRow;

const getRows = () => [...document.querySelectorAll("#rows [name='image']")];

// A refreshed list has the same rows selected. A list with other filters has none.
function restoreSelection() {
  const address = byId("images")?.getAttribute("hx-get");
  if (address !== listAddress) selected.clear();
  listAddress = address;
  for (const row of getRows()) row.checked ||= selected.has(row.value);
}

function updateToolbar() {
  const rows = getRows().filter((row) => row.checked);
  selected = new Set(rows.map((row) => row.value));
  const labels = new Map();
  for (const button of document.querySelectorAll("#toolbar [data-action]")) {
    const refusal = rows[0]?.getAttribute(`data-refuse-${button.dataset.action}`);
    const reason = rows.length > 1 ? button.dataset.single : refusal;
    button.setAttribute("aria-disabled", Boolean(reason));
    if (reason) labels.set(reason, [...(labels.get(reason) ?? []), button.textContent.trim()]);
  }
  const list = new Intl.ListFormat(lang);
  const reasons = [...labels].map(([reason, names]) => `${list.format(names)} – ${reason}`);
  const line = byId("reason");
  if (line) line.textContent = rows.length ? reasons.join(" · ") : line.dataset.none;
}

// A click anywhere in a row selects it. With Shift, a check box selects the rows in between, too.
document.addEventListener("click", ({ target, shiftKey }) => {
  const box = target.closest("#rows tbody tr")?.querySelector("[name='image']");
  if (box && !target.closest("a, button, label, [popover]")) box.click();
  if (!box || target !== box) return;
  const rows = getRows();
  const [from, to] = [rows.indexOf(lastRow), rows.indexOf(box)].sort((a, b) => a - b);
  if (shiftKey && from >= 0) for (const row of rows.slice(from, to)) row.checked = box.checked;
  lastRow = box;
});

// The row whose dialog opens is the selected one.
document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
  const box = elt.closest("#rows tbody tr")?.querySelector("[name='image']");
  if (!box) return;
  for (const row of getRows()) row.checked = row === box;
  box.dispatchEvent(new Event("change", { bubbles: true }));
});

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

// Lists of checkboxes: [data-ticks], with a "select all" of what the filter shows, a count, and the
// names of the ticked ones.
function updateTicks(list) {
  const boxes = [...list.querySelectorAll("[type='checkbox'][name]")];
  const ticked = boxes.filter((box) => box.checked);
  const found = boxes.filter((box) => !box.closest("[data-unmatched]"));
  const all = document.querySelector(`[data-select-all="${list.id}"]`);
  if (all) {
    all.checked = found.length > 0 && found.every((box) => box.checked);
    all.indeterminate = !all.checked && found.some((box) => box.checked);
  }
  showCount(list.id, ticked.length);
  const names = document.querySelector(`[data-names-for="${list.id}"]`);
  if (!names) return;
  names.textContent = new Intl.ListFormat(lang).format(ticked.map((box) => box.dataset.name));
}

// A filter marks the items without its text in their names or at the start of the ID, which is the
// value of their checkbox. The style sheet hides those that are not ticked.
function filterItems(field) {
  const list = byId(field.dataset.filter);
  const wanted = field.value.trim().toLowerCase();
  for (const item of list.children) {
    const { value } = item.querySelector("[type='checkbox']");
    const isFound = item.dataset.find.toLowerCase().includes(wanted) || value.startsWith(wanted);
    item.toggleAttribute("data-unmatched", !isFound);
  }
  updateTicks(list);
}

document.addEventListener("change", ({ target }) => {
  const all = byId(target.dataset.selectAll);
  for (const box of all?.querySelectorAll("[type='checkbox'][name]") ?? []) {
    if (!box.closest("[data-unmatched]")) box.checked = target.checked;
  }
  const list = all ?? target.closest("[data-ticks]");
  if (list) updateTicks(list);
  if (list?.id === "rows") updateToolbar();
});

document.addEventListener("input", ({ target }) => {
  if (target.type === "number") updateNumber(target);
  if (target.matches("[data-filter]")) filterItems(target);
});

keepUpdated(() => {
  restoreSelection();
  for (const list of document.querySelectorAll("[data-ticks]")) updateTicks(list);
  for (const field of document.querySelectorAll("[data-filter]")) filterItems(field);
  for (const field of document.querySelectorAll("[type='number']")) updateNumber(field);
  updateToolbar();
});
