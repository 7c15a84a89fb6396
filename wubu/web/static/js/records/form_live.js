// A form while it is typed: asks the server, which knows the one language, what shows, what is
// needed, what formulas and sums give and what other objects fill in.
(() => {
  "use strict";
  const { cookie } = window.wubu;
  const waiting = new WeakMap();
  const asked = new WeakMap(); // what stood in the form when it was last asked about
  const touched = new WeakMap(); // inputs in which somebody typed
  const changed = new WeakMap(); // inputs that changed since the last question

  const nameOf = (target) => {
    if (target.matches?.("form")) return ""; // a form's own name may be one of its boxes
    const combo = target.closest?.("[data-combo]");
    if (!combo) return target.name || "";
    return combo.dataset.many || combo.querySelector(":scope > input[type=hidden]").name;
  };
  const values = (form) => {
    const found = new Map();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") found.set(name, value);
    return found;
  };
  const the = (map, form, make) => { if (!map.has(form)) map.set(form, make()); return map.get(form); };

  // --- Putting in what a linkage gives
  const combo = (holder, value, shown) => {
    const box = holder.querySelector("input[role=combobox]");
    if (holder.dataset.many !== undefined) {
      const chosen = holder.querySelector(".w-combo-chosen");
      chosen.textContent = "";
      value.forEach((id, n) => {
        const tag = Object.assign(document.createElement("span"), { className: "w-tag" });
        const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
        tag.append(Object.assign(document.createElement("input"), { type: "hidden", name: holder.dataset.many, value: id }), shown[n] ?? id, drop);
        chosen.append(tag);
      });
      return;
    }
    holder.querySelector(":scope > input[type=hidden]").value = value;
    box.value = box.dataset.chosen = shown || "";
  };
  const put = (form, name, { value, shown }) => {
    const holder = [...form.querySelectorAll("[data-combo]")].find((c) => nameOf(c.querySelector("input[role=combobox]")) === name);
    if (holder) return combo(holder, value, shown);
    if (value && typeof value === "object" && !Array.isArray(value)) {
      // An address or a location: a box for each piece.
      const pieces = [...form.elements].filter((f) => f.name.startsWith(`${name}:`) && f.type !== "hidden");
      pieces.forEach((f) => { f.value = value[f.name.slice(name.length + 1)] ?? ""; });
      pieces[0]?.closest(".w-field, td")?.classList.add("is-filled");
      return;
    }
    const fields = [...form.elements].filter((f) => f.name === name);
    const boxes = fields.filter((f) => ["checkbox", "radio"].includes(f.type));
    const wanted = [].concat(value);
    if (boxes.length) boxes.forEach((box) => { box.checked = wanted.includes(box.value); });
    else if (fields.length) fields.at(-1).value = value;
    const last = fields.at(-1);
    if (!last) return;
    last.closest(".w-field, td")?.classList.add("is-filled");
    last.dispatchEvent(new CustomEvent("filled", { bubbles: true }));
    if (last.dataset.grow !== undefined) last.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "filled" }));
  };

  // --- Showing and hiding, asking and not asking
  const show = (form, hidden) => {
    form.querySelectorAll("[data-item], [data-part]").forEach((el) => {
      el.hidden = hidden.has(el.dataset.item) || hidden.has(el.dataset.part);
    });
    // A heading stands over something.
    form.querySelectorAll("[data-part]:not([hidden])").forEach((part) => {
      const inside = [...part.querySelectorAll("[data-item]")];
      part.hidden = inside.length > 0 && inside.every((el) => el.hidden);
    });
  };
  // A column that waits for its condition waits in every line, also in those that are added later.
  const columns = (form) => form.querySelectorAll("[data-lines]").forEach((lines) => {
    lines.querySelector("template").content.querySelectorAll("td[data-item]").forEach((cell) => {
      cell.hidden = lines.querySelector(`thead [data-item="${cell.dataset.item}"]`).hidden;
    });
  });
  const needCells = (form, names) => form.querySelectorAll("[data-line] td[data-item]").forEach((cell) => {
    const box = cell.querySelector("input:not([type=hidden]), select, textarea");
    const name = box && (nameOf(box) || box.name);
    const on = names.has(name);
    cell.classList.toggle("is-needed", on);
    if (!box) return;
    if (on) box.setAttribute("aria-required", "true"); else box.removeAttribute("aria-required");
  });
  const need = (form, needed) => form.querySelectorAll("[data-item]").forEach((el) => {
    const star = el.querySelector(":scope > .form-label > .w-req");
    if (!star) return;
    const on = star.dataset.own === "1" || needed.has(el.dataset.item);
    if (star.hidden === !on) return;
    star.hidden = !on;
    const box = el.querySelector("input:not([type=hidden]), select, textarea");
    if (!box) return;
    if (on) { box.setAttribute("aria-required", "true"); box.dataset.required = ""; }
    else { box.removeAttribute("aria-required"); delete box.dataset.required; }
  });
  const offer = (form, options) => {
    for (const [name, keys] of Object.entries(options)) {
      for (const field of [...form.elements].filter((f) => f.name === name)) {
        if (field.tagName === "SELECT") {
          for (const option of field.options) {
            const open = !option.value || keys.includes(option.value);
            option.hidden = option.disabled = !open && !option.selected;
          }
          field.classList.toggle("is-bad", Boolean(field.value) && !keys.includes(field.value));
        } else if (field.type === "checkbox") {
          field.closest("label").hidden = !keys.includes(field.value) && !field.checked;
        }
      }
    }
  };

  const apply = (form, answer) => {
    form.querySelectorAll("[data-computed]").forEach((out) => { if (out.dataset.computed in answer.values) out.textContent = answer.values[out.dataset.computed]; });
    form.querySelectorAll("[data-lines]").forEach((lines) => lines.querySelectorAll("[data-sum]").forEach((cell) => {
      cell.textContent = answer.values[`sum:${lines.dataset.lines}:${cell.dataset.sum}`] || "";
    }));
    for (const [name, given] of Object.entries(answer.set)) {
      // Whoever typed there while the question was under way keeps what they typed.
      if (!the(changed, form, () => new Set()).has(name)) put(form, name, given);
    }
    show(form, new Set(answer.hidden));
    columns(form);
    need(form, new Set(answer.needed));
    needCells(form, new Set(answer.needed_cells || []));
    offer(form, answer.options);
  };

  const compute = async (form) => {
    const before = the(asked, form, () => new Map());
    const now = values(form);
    const moved = new Set(the(changed, form, () => new Set()));
    changed.set(form, new Set());
    const body = window.wubu.body(form);
    moved.forEach((name) => {
      body.append("live:changed", name);
      if (before.has(name)) body.append(`live:was:${name}`, before.get(name));
    });
    the(touched, form, () => new Set()).forEach((name) => body.append("live:touched", name));
    const turn = (form.turn = (form.turn || 0) + 1);
    let answer;
    try {
      answer = await fetch(form.dataset.compute, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken") } });
    } catch { moved.forEach((name) => the(changed, form, () => new Set()).add(name)); return; }
    if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) return;
    const told = await answer.json();
    if (turn !== form.turn) { moved.forEach((name) => the(changed, form, () => new Set()).add(name)); return; }
    asked.set(form, now);
    apply(form, told);
    for (const name of Object.keys(told.set)) asked.get(form).set(name, [].concat(told.set[name].value).at(-1) ?? "");
    form.dispatchEvent(new CustomEvent("computed", { bubbles: true }));
    const open = form.elements.layout;
    if (told.layout && open && told.layout !== open.value) {
      form.touchedNames = () => the(touched, form, () => new Set());
      window.wubu.relayForm?.(form, () => { asked.set(form, values(form)); later(form, 0); });
    }
  };
  const later = (form, wait = 250) => {
    if (!form?.dataset.compute) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => compute(form), wait));
  };
  const heard = (event) => {
    const form = event.target.closest?.("form[data-compute]") || (event.target.matches?.("form[data-compute]") ? event.target : null);
    if (!form || event.detail === "filled") return;
    const name = nameOf(event.target);
    if (name) {
      the(changed, form, () => new Set()).add(name);
      the(touched, form, () => new Set()).add(name);
    }
    if (event.type === "input" || event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date], input[type=datetime-local]")) later(form);
  };
  document.addEventListener("input", heard);
  document.addEventListener("change", (event) => { if (event.isTrusted) heard(event); });
  const begin = (root) => root.querySelectorAll("form[data-compute]").forEach((form) => {
    asked.set(form, values(form));
    later(form, 0);
  });
  window.wubu.beginForms = begin;
  document.addEventListener("DOMContentLoaded", () => begin(document));

  document.addEventListener("click", ({ target }) => {
    const more = target.closest?.("[data-unfold]");
    if (!more) return;
    more.closest(".w-panel").classList.add("is-unfolded");
    more.remove();
  });
  // A link of the summary leads into a section that is closed: it opens first.
  document.addEventListener("click", ({ target }) => {
    const link = target.closest?.("#problems a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    field.closest("details")?.setAttribute("open", "");
    field.closest(".w-panel")?.classList.add("is-unfolded");
    setTimeout(() => field.focus(), 0);
  });
})();
