// The object designer: dragging, the side sheet, the form of a field, renaming in place.
(() => {
  "use strict";
  const { say, post, toast } = window.wubu;
  const Offcanvas = window.tabler?.Offcanvas || window.bootstrap?.Offcanvas;
  const refused = async (answer) => {
    try { toast(JSON.parse(answer.headers.get("HX-Trigger")).toast); } catch { toast({ tone: "bad", message: say("没有保存成功，请刷新后重试。", "That was not saved. Reload and try again.") }); }
  };
  const sort = (list, more) => window.Sortable && new window.Sortable(list, { animation: 120, handle: ".w-grip", ...more });

  // --- Order: objects within and between steps, fields in their table
  document.addEventListener("DOMContentLoaded", () => {
    const board = document.querySelector("[data-objects]");
    board?.querySelectorAll("[data-group]").forEach((list) => sort(list, {
      group: "objects",
      onEnd: async () => {
        const order = [...board.querySelectorAll("[data-group] > [data-key]")].map((li) => `${li.parentElement.dataset.group}:${li.dataset.key}`);
        const answer = await post(board.dataset.url, { order: order.join(",") });
        if (!answer.ok) refused(answer);
      },
    }));
    const rows = document.querySelector("[data-fields]");
    if (rows) sort(rows, {
      onEnd: async () => {
        const answer = await post(rows.dataset.url, { order: [...rows.children].map((tr) => tr.dataset.key).join(",") });
        if (!answer.ok) refused(answer);
      },
    });
    document.querySelectorAll("[data-field-form]").forEach(prepare);
  });
  document.addEventListener("input", ({ target }) => {
    if (target.dataset?.find === undefined) return;
    const words = target.value.trim().toLowerCase();
    document.querySelectorAll("[data-fields] > tr").forEach((tr) => { tr.hidden = words !== "" && !tr.textContent.toLowerCase().includes(words); });
  });

  // --- The side sheet: the page of a field, beside the list
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[data-sheet]");
    const sheet = document.getElementById("designer");
    if (!link || !sheet || event.metaKey || event.ctrlKey || !Offcanvas) return;
    event.preventDefault();
    const answer = await fetch(link.href, { headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#p-sheet", "HX-Current-URL": location.href } });
    if (!answer.ok) { location.href = link.href; return; }
    const body = document.getElementById("designer-body");
    body.innerHTML = await answer.text();
    window.htmx?.process(body);
    body.querySelectorAll("[data-field-form]").forEach(prepare);
    Offcanvas.getOrCreateInstance(sheet).show();
    sheet.addEventListener("shown.bs.offcanvas", () => body.querySelector("[autofocus]")?.focus(), { once: true });
  });

  // --- The form of a field: only what its type asks, and what it will look like
  const prepare = (form) => {
    if (form.ready) return;
    form.ready = true;
    const fit = () => {
      const type = form.querySelector("[name=type]:checked")?.value || "";
      form.querySelectorAll("[data-for]").forEach((part) => { part.hidden = !part.dataset.for.split(" ").includes(type); });
    };
    let timer = 0;
    let turn = 0;
    const show = () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const now = (turn += 1);
        const body = window.wubu.body(form);
        const answer = await fetch(form.dataset.preview, { method: "POST", body, headers: { "X-CSRFToken": window.wubu.cookie("csrftoken") } });
        const here = form.querySelector("[data-preview-here]");
        if (answer.ok && here && now === turn) here.innerHTML = await answer.text();
      }, 350);
    };
    form.addEventListener("change", ({ target }) => {
      if (target.name === "type") {
        form.querySelector("[data-type-name]").textContent = target.dataset.label;
        const icon = form.querySelector(".w-types > summary > .ti");
        icon.className = target.parentElement.querySelector(".ti").className;
        form.querySelector(".w-types").open = false;
        fit();
        form.querySelector("[name=zh]").focus();
      }
      if (target.name === "choice_color") target.dataset.color = target.value;
    });
    form.addEventListener("input", ({ target }) => { if (!target.closest("[data-preview-here]")) show(); });
    const rows = form.querySelector("[data-rows]");
    if (rows && window.Sortable) new window.Sortable(rows, { animation: 120, handle: ".ti-grip-vertical" });
    const palette = ["blue", "green", "orange", "purple", "red", "teal", "yellow", "indigo", "pink", "azure"];
    const add = () => {
      const holder = form.querySelector("[data-choices] template");
      rows.append(holder.content.cloneNode(true));
      const row = rows.lastElementChild;
      const color = row.querySelector("[name=choice_color]");
      color.value = color.dataset.color = palette[(rows.children.length - 1) % palette.length];
      fit();
      row.querySelector("[name=choice_zh]").focus();
    };
    form.addEventListener("click", async ({ target }) => {
      const button = target.closest?.("button");
      if (!button) return;
      if (button.dataset.choiceAdd !== undefined) add();
      if (button.dataset.choiceDrop !== undefined) { button.closest("[data-row]").remove(); show(); }
      if (button.dataset.pattern) {
        form.querySelector("[name=pattern]").value = button.dataset.pattern;
        form.querySelector("[name=pattern_zh]").value = button.dataset.says;
        form.querySelector("[name=pattern_en]").value = button.dataset.saysEn;
      }
      if (button.dataset.values) {
        const answer = await fetch(button.dataset.values);
        if (answer.ok) { form.querySelector("[name=choice_paste]").value = await answer.text(); show(); }
      }
    });
    rows?.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("[name=choice_zh], [name=choice_en]")) { event.preventDefault(); add(); }
    });
    fit();
  };

  // --- Renaming in place
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-rename]");
    if (!button) return;
    const cell = button.closest("tr").querySelector("[data-name]").parentElement;
    if (cell.querySelector("form")) return;
    const form = document.getElementById("rename-form").content.cloneNode(true).firstElementChild;
    form.elements.field.value = button.closest("tr").dataset.key;
    form.elements.zh.value = button.dataset.zh;
    form.elements.en.value = button.dataset.en === button.dataset.zh ? "" : button.dataset.en;
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") form.remove(); });
    cell.append(form);
    form.elements.zh.select();
  });

  // --- Pasting a table: a link needs to know where to
  document.addEventListener("change", ({ target }) => {
    if (target.dataset?.typeOf === undefined) return;
    target.parentElement.querySelector("[data-target-of]").hidden = target.value !== "link";
  });
})();
