// The designer of roles: whole rows at once, one more object, one more condition, many fields at once.
(() => {
  "use strict";
  let number = 0;
  const paint = (select) => { select.dataset.scope = select.value; };
  const dirty = (el) => { const form = el.closest("form"); if (form) form.dataset.dirty = "1"; };

  // A cell left empty follows the row of all objects: it says so. On phones each object is a card
  // with its actions in words, opened to change them.
  const all = (action) => document.querySelector(`.w-matrix [data-object="*"] select[data-action-key="${action}"]`);
  const said = (select) => select.selectedOptions[0].textContent;
  const follow = () => {
    const form = document.querySelector("form[data-role]");
    document.querySelectorAll('.w-matrix tbody:not([data-object="*"]) select[data-action-key]').forEach((select) => {
      const above = all(select.dataset.actionKey);
      const given = above && above.value ? said(above) : "";
      select.options[0].textContent = given || "–";
      select.title = given && !select.value ? `${form.dataset.follows} · ${given}` : "";
      select.classList.toggle("is-following", Boolean(given) && !select.value);
    });
    document.querySelectorAll(".w-matrix tbody").forEach((body) => {
      const words = new Map();
      body.querySelectorAll("td select[data-action-key]").forEach((select) => {
        const rows = select.value ? said(select) : select.classList.contains("is-following") ? said(select) : "";
        if (rows) words.set(rows, [...(words.get(rows) || []), select.closest("td").dataset.label]);
      });
      const box = body.querySelector(".w-matrix-said");
      if (!box) return;
      const put = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
      const lines = [...words].map(([rows, actions]) => {
        const line = put("span", actions.join(" · "));
        line.prepend(put("b", rows));
        return line;
      });
      box.replaceChildren(...(lines.length ? lines : [put("span", form.dataset.nothing)]));
    });
  };
  const fold = (body, folded) => {
    body.classList.toggle("is-folded", folded);
    body.querySelector(".w-matrix-open")?.setAttribute("aria-expanded", String(!folded));
  };
  const begin = () => {
    const form = document.querySelector("form[data-role]");
    if (!form || form.dataset.begun) return;
    form.dataset.begun = "1";
    follow();
    const small = matchMedia("(max-width: 860px)").matches;
    const wanted = location.hash.slice(1);
    document.querySelectorAll(".w-matrix tbody").forEach((body) => fold(body, small && body.id !== wanted));
  };
  begin();
  document.addEventListener("htmx:after:swap", begin);

  document.addEventListener("change", ({ target }) => {
    if (target.matches?.(".w-matrix td select")) setTimeout(follow);
    if (target.matches?.(".w-matrix-all")) {
      if (target.value) {
        const scope = target.value === "-" ? "" : target.value;
        target.closest("tr").querySelectorAll("td select").forEach((s) => { s.value = scope; paint(s); });
        target.value = "";
        follow();
        dirty(target);
      }
    } else if (target.matches?.("[data-add-object]") && target.value) {
      const option = target.selectedOptions[0];
      const row = document.getElementById("w-role-row").content.cloneNode(true);
      const key = target.value;
      row.querySelector("tbody").dataset.object = key;
      row.querySelector(".w-matrix-name").textContent = option.textContent;
      row.querySelector(".w-matrix-add").dataset.url += key;
      row.querySelectorAll("td select").forEach((s) => { s.name = `${key}:${s.dataset.actionKey}`; });
      document.querySelector(".w-matrix").append(row);
      follow();
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
    if (target.matches?.("[data-find-object]")) {
      const words = target.value.trim().toLowerCase();
      document.querySelectorAll(".w-matrix tbody").forEach((body) => { body.hidden = !body.querySelector(".w-matrix-name").textContent.toLowerCase().includes(words); });
    }
    if (!target.matches?.("[data-find-field]")) return;
    const words = target.value.trim().toLowerCase();
    target.closest(".w-role-fields").querySelectorAll(".w-levels label").forEach((label) => { label.hidden = !label.dataset.words.toLowerCase().includes(words); });
  });

  document.addEventListener("click", async ({ target }) => {
    const open = target.closest?.(".w-matrix-open");
    if (open) fold(open.closest("tbody"), open.getAttribute("aria-expanded") === "true");
    const add = target.closest?.(".w-matrix-add");
    if (add) {
      const answer = await fetch(`${add.dataset.url}&n=${Date.now().toString(36).slice(-5)}${number++}`);
      if (!answer.ok) return;
      const body = add.closest("tbody");
      const box = document.createElement("tbody");
      box.innerHTML = await answer.text();
      const line = box.firstElementChild;
      body.append(line);
      fold(body, false);
      window.wubu.formulas?.(line);
      line.querySelector("textarea")?.focus();
      dirty(body);
    }
    const drop = target.closest?.("[data-drop-condition]");
    if (drop) { dirty(drop); drop.closest("tr").remove(); }
  });
})();
