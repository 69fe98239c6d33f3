"use strict";

// A filter marks the items without its text in their names or at the start of the ID, which is the
// value of their checkbox. The style sheet hides those that are not ticked.
keepUpdated("[data-filter]", (field) => {
  const wanted = field.value.trim().toLowerCase();
  for (const item of byId(field.dataset.filter).children) {
    const { value } = item.querySelector("[name]");
    const isFound = item.dataset.find.toLowerCase().includes(wanted) || value.startsWith(wanted);
    item.toggleAttribute("data-unmatched", !isFound);
  }
});

// "Select all" is about the checkboxes that the filter shows.
function getFound(all) {
  const found = "[type='checkbox'][name]:not([data-unmatched] *)";
  return [...byId(all.dataset.selectAll).querySelectorAll(found)];
}

document.addEventListener("input", ({ target }) => {
  if (!target.dataset.selectAll) return;
  for (const box of getFound(target)) box.checked = target.checked;
});

keepUpdated("[data-select-all]", (all) => {
  const found = getFound(all);
  all.checked = found.length > 0 && found.every((box) => box.checked);
  all.indeterminate = !all.checked && found.some((box) => box.checked);
});

// Text with the number of a field or of the ticks in a list: data-none is "Copy", data-one "Copy to
// 1 region", data-many "Copy to 2 regions".
keepUpdated("[data-count-for]", (text) => {
  const { countFor, none, one, many } = text.dataset;
  const counted = byId(countFor);
  const ticks = counted.querySelectorAll("[name]:checked").length;
  const count = counted.validity?.valid ? Number(counted.value) : ticks;
  text.textContent = ({ 0: none, 1: one }[count] ?? many).replace(/\d+/, count);
});

// The selected rows decide which buttons of the toolbar work. data-refuse-<action> of a row says
// why not. data-single of a button says that it is for one image.
keepUpdated("#reason", (line) => {
  const cells = document.querySelectorAll("#rows td:has([name='image']:checked)");
  const labels = new Map();
  for (const button of document.querySelectorAll("#toolbar button")) {
    const refusal = cells[0]?.getAttribute(`data-refuse-${button.value}`);
    const reason = cells.length > 1 ? button.dataset.single : refusal;
    button.setAttribute("aria-disabled", Boolean(reason));
    if (reason) labels.set(reason, [...(labels.get(reason) ?? []), button.textContent.trim()]);
  }
  const list = new Intl.ListFormat(document.documentElement.lang);
  const reasons = [...labels].map(([reason, names]) => `${list.format(names)} – ${reason}`);
  line.textContent = cells.length ? reasons.join(" · ") : line.dataset.none;
});

// A click anywhere in a row selects it. The row whose dialog opens is the only selected one.
document.addEventListener("click", ({ target }) => {
  const row = target.closest("#rows tbody tr");
  const isAction = target.closest("#rows [hx-get]");
  if (!row || (!isAction && target.closest("a, button, label, [popover]"))) return;
  const boxes = document.querySelectorAll("#rows [name='image']");
  for (const box of isAction ? boxes : []) box.checked = false;
  row.querySelector("[name='image']")?.click();
});
