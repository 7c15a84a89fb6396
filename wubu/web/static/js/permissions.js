// The designer of roles: whole rows at once, one more object, one more condition, many fields at once.
(() => {
  "use strict";
  let number = 0;
  const paint = (select) => { select.dataset.scope = select.value; };
  const dirty = (el) => { const form = el.closest("form"); if (form) form.dataset.dirty = "1"; };

  document.addEventListener("change", ({ target }) => {
    if (target.matches?.(".w-matrix-all")) {
      if (target.value) {
        const scope = target.value === "-" ? "" : target.value;
        target.closest("tr").querySelectorAll("td select").forEach((s) => { s.value = scope; paint(s); });
        target.value = "";
        dirty(target);
      }
    } else if (target.matches?.("[data-add-object]") && target.value) {
      const option = target.selectedOptions[0];
      const row = document.getElementById("w-role-row").content.cloneNode(true);
      const key = target.value;
      row.querySelector("tbody").dataset.object = key;
      row.querySelector("th span").textContent = option.textContent;
      row.querySelector(".w-matrix-add").dataset.url += key;
      row.querySelectorAll("td select").forEach((s) => { s.name = `${key}:${s.dataset.actionKey}`; });
      document.querySelector(".w-matrix").append(row);
      option.remove();
      target.value = "";
      document.querySelector(`.w-matrix [data-object="${key}"] td select`).focus();
    } else if (target.matches?.("[data-set-fields]") && target.value !== "-") {
      target.closest(".w-role-fields").querySelectorAll(".w-levels label:not([hidden]) select").forEach((s) => { s.value = target.value; s.dataset.level = s.value; });
      target.value = "-";
      dirty(target);
    } else if (target.matches?.(".w-levels select")) {
      target.dataset.level = target.value;
    } else if (target.matches?.("[data-check-all]")) {
      target.form.querySelectorAll(`input[name="${target.dataset.checkAll}"]`).forEach((box) => { box.checked = target.checked; });
    }
  });

  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.("[data-find-field]")) return;
    const words = target.value.trim().toLowerCase();
    target.closest(".w-role-fields").querySelectorAll(".w-levels label").forEach((label) => { label.hidden = !label.dataset.words.toLowerCase().includes(words); });
  });

  document.addEventListener("click", async ({ target }) => {
    const add = target.closest?.(".w-matrix-add");
    if (add) {
      const answer = await fetch(`${add.dataset.url}&n=${Date.now().toString(36).slice(-5)}${number++}`);
      if (!answer.ok) return;
      const body = add.closest("tbody");
      const box = document.createElement("tbody");
      box.innerHTML = await answer.text();
      const line = box.firstElementChild;
      body.append(line);
      window.wubu.formulas?.(line);
      line.querySelector("textarea")?.focus();
      dirty(body);
    }
    const drop = target.closest?.("[data-drop-condition]");
    if (drop) { dirty(drop); drop.closest("tr").remove(); }
  });
})();
