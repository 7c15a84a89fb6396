// Behaviours of record forms: pick a record by typing, lines that are added and summed, gentle hints, uploads.
(() => {
  "use strict";
  const { say, cookie, toast } = window.wubu;

  // --- Picking: a text box with a list below; the id stands in a hidden input before it
  const timers = new WeakMap();
  let serial = 0;
  const parts = (combo) => ({
    hidden: combo.querySelector(":scope > input[type=hidden]"),
    box: combo.querySelector("input[role=combobox]"),
    list: combo.querySelector(".w-combo-list"),
  });
  const close = (combo) => {
    const { box, list } = parts(combo);
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  // A record is named by id:12, an option of a long list by its key.
  const named = (combo, id) => (id && combo.dataset.plain === undefined ? `id:${id}` : id);
  const choose = (combo, id, label) => {
    const { hidden, box } = parts(combo);
    if (combo.dataset.many !== undefined) {
      const tag = document.createElement("span");
      tag.className = "w-tag";
      const value = Object.assign(document.createElement("input"), { type: "hidden", name: combo.dataset.many, value: named(combo, id) });
      const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
      drop.setAttribute("aria-label", say(`移除 ${label}`, `Remove ${label}`));
      tag.append(value, label, drop);
      combo.querySelector(".w-combo-chosen").append(tag);
      box.value = "";
    } else {
      hidden.value = named(combo, id);
      box.value = label;
      box.dataset.chosen = label;
    }
    close(combo);
    // Somebody chose it, as if typed; a linkage that fills it in says "filled".
    box.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "chosen" }));
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const ask = async (combo) => {
    const { box, list } = parts(combo);
    const turn = (combo.turn = (combo.turn || 0) + 1);
    const words = box.value.trim() === box.dataset.chosen ? "" : box.value.trim();
    const headers = { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href };
    const form = combo.closest("form");
    const above = combo.dataset.above && form?.elements[combo.dataset.above];
    const below = above ? `&above=${encodeURIComponent(above.value || "")}` : "";
    /** @type {[string, RequestInit]} */
    let asked = [`${combo.dataset.url}?q=${encodeURIComponent(words)}${below}`, { headers }];
    if (combo.dataset.limits !== undefined && form?.dataset.pick) {
      // What may be chosen depends on the rest of the form, which goes along.
      const body = window.wubu.body(form);
      body.set("pick:field", parts(combo).hidden.name || combo.dataset.many);
      body.set("pick:words", words);
      asked = [form.dataset.pick, { method: "POST", body, headers: { ...headers, "X-CSRFToken": cookie("csrftoken") } }];
    }
    const answer = await fetch(...asked);
    if (answer.status === 401) { location.href = answer.headers.get("HX-Redirect") || "/login"; return; }
    if (!answer.ok || document.activeElement !== box) return;
    const { items, more } = await answer.json();
    if (turn !== combo.turn) return; // a later question is under way
    list.textContent = "";
    items.forEach((item) => {
      const option = Object.assign(document.createElement("div"), { className: "w-combo-item", role: "option" });
      option.setAttribute("role", "option");
      option.dataset.id = item.id;
      const title = Object.assign(document.createElement("strong"), { textContent: item.title });
      option.append(title);
      if (item.subtitle) option.append(Object.assign(document.createElement("small"), { textContent: item.subtitle }));
      option.onmousedown = (event) => { event.preventDefault(); choose(combo, item.id, item.title); };
      list.append(option);
    });
    if (combo.dataset.create && window.wubu.quickCreate && words && !items.some((item) => item.title === words)) {
      const option = Object.assign(document.createElement("div"), { className: "w-combo-item is-new", textContent: say(`新建“${words}”`, `Create “${words}”`) });
      option.setAttribute("role", "option");
      option.onmousedown = (event) => {
        event.preventDefault();
        close(combo);
        window.wubu.quickCreate(combo.dataset.create, words, (item) => choose(combo, item.id, item.title), box);
      };
      list.append(option);
    }
    if (more) list.append(Object.assign(document.createElement("div"), { className: "w-combo-none", textContent: more }));
    if (!list.children.length) list.append(Object.assign(document.createElement("div"), { className: "w-combo-none", textContent: say("没有找到", "Nothing found") }));
    combo.serial ||= `combo-${(serial += 1)}`;
    list.id = combo.serial;
    [...list.children].forEach((option, n) => { option.id = `${combo.serial}-${n}`; });
    box.setAttribute("aria-controls", list.id);
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
  };
  document.addEventListener("input", ({ target, isTrusted }) => {
    const combo = target.closest?.("[data-combo]");
    if (!combo || target.getAttribute("role") !== "combobox" || !isTrusted) return;
    // Until something is chosen, the words themselves are sent: the server knows names too.
    if (combo.dataset.many === undefined) parts(combo).hidden.value = target.value.trim();
    clearTimeout(timers.get(combo));
    timers.set(combo, setTimeout(() => ask(combo), 120));
  });
  document.addEventListener("focusin", ({ target }) => {
    const combo = target.closest?.("[data-combo]");
    if (combo && target.getAttribute("role") === "combobox") {
      if (target.dataset.chosen === undefined) target.dataset.chosen = target.value;
      target.select();
      ask(combo);
    }
  });
  document.addEventListener("focusout", ({ target }) => {
    const combo = target.closest?.("[data-combo]");
    if (combo) setTimeout(() => close(combo), 120);
  });
  document.addEventListener("keydown", (event) => {
    const combo = event.target.closest?.("[data-combo]");
    if (!combo || event.target.getAttribute("role") !== "combobox") return;
    const { list } = parts(combo);
    const items = [...list.querySelectorAll("[role=option]")];
    const at = items.findIndex((item) => item.classList.contains("is-on"));
    if (event.key === "Backspace" && combo.dataset.many !== undefined && !event.target.value) combo.querySelector(".w-tag:last-child > button")?.click();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { ask(combo); return; }
      const next = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      items.forEach((item, i) => { item.classList.toggle("is-on", i === next); item.setAttribute("aria-selected", i === next); });
      items[next]?.scrollIntoView({ block: "nearest" });
      if (items[next]) event.target.setAttribute("aria-activedescendant", items[next].id);
    } else if (["Enter", "Tab"].includes(event.key) && !list.hidden && items.length) {
      // Enter takes what is lit, or the first answer to what was typed; a list that only opened changes nothing.
      const typed = event.target.value.trim() && event.target.value !== event.target.dataset.chosen;
      if (event.key === "Enter") event.preventDefault();
      if (at < 0 && (event.key === "Tab" || !typed)) { close(combo); return; }
      items[Math.max(at, 0)].dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    } else if (event.key === "Enter" && (!list.hidden || (event.target.value.trim() && event.target.value !== event.target.dataset.chosen))) {
      // Nothing was found, or the answer is still on its way: that is no reason to send the form.
      event.preventDefault();
    } else if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); event.preventDefault(); close(combo); }
  });
  document.addEventListener("click", ({ target }) => {
    const clear = target.closest?.(".w-combo-clear");
    if (clear) choose(clear.closest("[data-combo]"), "", "");
    const drop = target.closest?.(".w-tag > button");
    if (drop) {
      const form = drop.closest("form");
      drop.parentElement.remove();
      form?.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });

  // --- Gentle hints: nothing is blocked here, the server decides
  const hint = (field, words) => {
    const holder = field.closest(".w-field");
    if (!holder) return;
    holder.querySelector(".w-wrong.is-live")?.remove();
    field.classList.toggle("is-bad", words !== "");
    holder.querySelector(".w-rounds")?.remove();
    if (!words) { holder.querySelector(".w-wrong")?.remove(); return; }
    const note = Object.assign(document.createElement("div"), { className: "w-wrong is-live", textContent: words });
    holder.append(note);
  };
  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.(".w-form .form-control, .w-form .form-select")) return;
    const value = target.value.trim();
    if (target.dataset.required !== undefined && !value) return hint(target, say("必填", "Required"));
    if (target.dataset.number !== undefined && value && !/^[-+\d.,，\s]+\s*[万亿kKmM%％]?$/.test(value)) return hint(target, say("请填写数字，例如 1234.5 或 12.5万", "A number, such as 1234.5 or 12.5k"));
    if (target.type === "email" && value && !/^\S+@\S+\.\S+$/.test(value)) return hint(target, say("邮箱格式不完整", "The e-mail address is incomplete"));
    hint(target, "");
    rounds(target, value);
  });
  // A number with more places than are kept is rounded when it is saved: that is said at once.
  const rounds = (field, value) => {
    const [, whole, places] = /^([-+]?[\d,]+)\.(\d+)$/.exec(value) || [];
    const kept = Number(field.dataset.decimals ?? 99);
    if (!places || places.replace(/0+$/, "").length <= kept || whole.length > 14) return;
    const words = say(`只保留 ${kept} 位小数，多的会四舍五入。`, kept ? `Only ${kept} decimals are stored; the rest is rounded.` : "Only whole numbers are stored; the rest is rounded.");
    field.closest(".w-field")?.append(Object.assign(document.createElement("div"), { className: "w-help w-rounds", textContent: words }));
  };
  const grow = (area) => { area.style.height = "auto"; area.style.height = `${area.scrollHeight + 2}px`; };
  document.addEventListener("input", ({ target }) => { if (target.dataset?.grow !== undefined) grow(target); });

  // --- One press, one save
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches(".w-form")) return;
    setTimeout(() => target.querySelectorAll("button:not([type=button])").forEach((b) => { b.disabled = true; }), 0);
    setTimeout(() => target.querySelectorAll("button:not([type=button])").forEach((b) => { b.disabled = false; }), 8000);
  });
  addEventListener("pageshow", () => document.querySelectorAll(".w-form button[disabled]").forEach((b) => { b.disabled = false; }));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter") return;
    const form = event.target.closest?.(".w-form");
    if (!form) return;
    event.preventDefault();
    // Ctrl+Shift+Enter saves and goes on with the next one, where the form offers it.
    const again = event.shiftKey && form.querySelector("button[name=again]");
    form.requestSubmit(again || undefined);
  });

  // --- Files go up when chosen; the form carries their ids
  document.addEventListener("change", async ({ target }) => {
    const holder = target.closest?.("[data-files]");
    if (!holder || target.type !== "file") return;
    for (const file of target.files) {
      const body = new FormData();
      body.append("file", file);
      const answer = await fetch("/files", { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true", "HX-Request-Type": "partial" } });
      if (!answer.ok) { toast({ tone: "bad", message: say(`“${file.name}”没有上传成功。`, `“${file.name}” could not be uploaded.`) }); continue; }
      const { id, name, size } = await answer.json();
      const tag = document.createElement("span");
      tag.className = "w-tag";
      const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
      drop.setAttribute("aria-label", say(`移除 ${name}`, `Remove ${name}`));
      tag.append(Object.assign(document.createElement("input"), { type: "hidden", name: holder.dataset.files, value: `id:${id}` }), name, Object.assign(document.createElement("small"), { textContent: size }), drop);
      holder.querySelector(".w-combo-chosen").append(tag);
    }
    target.value = "";
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-grow]").forEach(grow);
    document.getElementById("problems")?.focus();
  });
})();
