"use strict";

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

// A click anywhere in a row chooses it.
document.addEventListener("click", ({ target }) => {
  if (target.closest("a, button, label, input, [popover]")) return;
  target.closest("tr")?.querySelector("[type='radio']")?.click();
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

keepUpdated(() => {
  for (const list of document.querySelectorAll("[data-ticks]")) updateTicks(list);
  for (const field of document.querySelectorAll("[type='number']")) updateNumber(field);
  updateToolbar();
});
