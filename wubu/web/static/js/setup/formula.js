// The formula editor: every [data-formula] box completes fields and functions, underlines what is
// wrong with how to mend it, says the meaning and tries it on a record. It works on a plain textarea.
(() => {
  "use strict";
  const { say } = window.wubu;
  const TOKEN = /\{[^{}]*\}?|"(?:[^"]|"")*"?|“[^”]*”?|'(?:[^']|'')*'?|\[[a-z][a-z0-9_]*\]|\d+(?:\.\d+)?\s*[%％万亿]?|[\p{L}_][\p{L}\p{N}_.]*(?=\s*[(（])|[\p{L}_][\p{L}\p{N}_.]*/gu;
  const WORD = /[\p{L}_][\p{L}\p{N}_.]*$/u;
  const known = new Map(); // "object path" → promise of {fields, functions}
  const wordsOf = (object, path = "", own = false) => {
    const key = `${object} ${path} ${own}`;
    if (!known.has(key)) {
      const asked = fetch(`/formulas/words?${new URLSearchParams({ object, path, ...(own ? { own: "1" } : {}) })}`)
        .then((r) => (r.ok ? r.json() : { fields: [], functions: [] }))
        .catch(() => { known.delete(key); return { fields: [], functions: [] }; });
      known.set(key, asked);
    }
    return known.get(key);
  };
  const make = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });
  const fits = (typed, names, initials) => {
    const wanted = typed.toLowerCase();
    let best = 9;
    for (const name of names) {
      const at = name.toLowerCase().indexOf(wanted);
      if (at >= 0) best = Math.min(best, at === 0 ? 0 : 2);
    }
    if (best > 1 && wanted && initials.some((i) => i.startsWith(wanted))) best = 1;
    return best;
  };
  const kindOf = (token) => {
    if (token[0] === "{") return "field";
    if (/["“']/.test(token[0])) return "text";
    if (token[0] === "[") return "param";
    return /\d/.test(token[0]) ? "number" : "name";
  };

  class Editor {
    // the parts of the box, by their data attributes
    ink; menu; said; usage; try; record; picks; value;

    constructor(root) {
      this.root = root;
      for (const part of ["ink", "menu", "said", "usage", "try", "record", "picks", "value"]) this[part] = root.querySelector(`[data-${part}]`);
      this.area = root.querySelector("textarea");
      this.items = [];
      this.at = -1;
      this.problems = [];
      this.chosen = "";
      this.turn = 0;
      this.area.addEventListener("input", () => { this.problems = []; this.paint(); this.suggest(); this.later(); });
      this.area.addEventListener("keydown", (event) => this.key(event));
      this.area.addEventListener("click", () => { this.suggest(); this.sign(); });
      this.area.addEventListener("keyup", ({ key }) => { if (/^(Arrow|Home|End)/.test(key)) this.sign(); });
      this.area.addEventListener("focus", () => { if (!this.looked) this.look(); });
      this.area.addEventListener("blur", () => { if (this.root.querySelector(".w-formula-hint")) this.later(); });
      this.area.addEventListener("blur", () => setTimeout(() => { if (!this.root.contains(document.activeElement)) this.close(); }, 120));
      root.querySelectorAll("[data-insert]").forEach((button) => { button.onclick = () => this.offer(button.dataset.insert); });
      this.menu.addEventListener("pointerdown", (event) => event.preventDefault());
      this.menu.addEventListener("click", ({ target }) => {
        const item = target.closest("[role=option]");
        if (item) this.take(this.items[[...this.menu.children].indexOf(item)]);
      });
      if (this.try) this.pick();
      const from = this.source();
      from?.addEventListener("change", () => { this.chosen = ""; if (this.record) this.record.value = ""; this.look(); });
      this.paint();
      if (this.area.value.trim()) this.look();
    }

    source() {
      const name = this.root.dataset.objectFrom;
      return name ? this.area.form?.elements[name] : null;
    }

    words(path = "") { return wordsOf(this.object, path, this.root.dataset.own !== undefined); }

    get object() { return this.source()?.value || this.root.dataset.object; }

    // --- Ink: the same text in colours, wrong characters underlined
    paint() {
      const text = this.area.value;
      const wrong = this.problems.map((p) => [p.start, Math.max(p.end, p.start + 1)]);
      const cuts = new Set([0, text.length]);
      const kinds = [];
      for (const found of text.matchAll(TOKEN)) {
        kinds.push([found.index, found.index + found[0].length, kindOf(found[0])]);
        cuts.add(found.index).add(found.index + found[0].length);
      }
      for (const [start, end] of wrong) cuts.add(Math.min(start, text.length)).add(Math.min(end, text.length));
      const places = [...cuts].sort((a, b) => a - b);
      const parts = [];
      let k = 0;
      for (let i = 0; i + 1 < places.length; i += 1) {
        const [start, end] = [places[i], places[i + 1]];
        while (k < kinds.length && kinds[k][1] <= start) k += 1;
        const span = make("span", wrong.some(([a, b]) => a < end && b > start) ? "is-wrong" : "", text.slice(start, end));
        if (k < kinds.length && kinds[k][0] <= start) span.dataset.t = kinds[k][2];
        parts.push(span);
      }
      if (wrong.some(([a]) => a >= text.length)) parts.push(make("span", "is-wrong", "\u2003"));
      parts.push("\u200b");
      this.ink.replaceChildren(...parts);
      this.area.style.height = "auto";
      this.area.style.height = `${this.area.scrollHeight}px`;
    }

    // --- What stands before the caret
    context() {
      const end = this.area.selectionStart;
      const before = this.area.value.slice(0, end);
      let quote = "", brace = -1, start = -1;
      for (let i = 0; i < before.length; i += 1) {
        const c = before[i];
        if (quote) { if (c === quote) quote = ""; }
        else if (c === "{") brace = i;
        else if (c === "}") brace = -1;
        else if (brace < 0 && (c === '"' || c === "'")) { quote = c; start = i; }
        else if (brace < 0 && c === "“") { quote = "”"; start = i; }
      }
      if (quote) return { kind: "option", start: start + 1, end, typed: before.slice(start + 1), field: /\{([^{}]*)\}[^{}]*$/.exec(before.slice(0, start))?.[1] };
      if (brace >= 0) return { kind: "field", start: brace, end, typed: before.slice(brace + 1) };
      const word = WORD.exec(before)?.[0] || "";
      return { kind: "any", start: end - word.length, end, typed: word };
    }

    // Follows the links of “customer.owner.” and gives the words behind them.
    async behind(typed) {
      const parts = typed.split(".");
      const last = parts.pop();
      let path = "";
      for (const part of parts) {
        const { fields } = await this.words(path);
        const step = fields.find((f) => [...f.labels, f.name, f.path.split(".").pop()].some((n) => n.toLowerCase() === part.trim().toLowerCase()));
        if (!step?.links) return { fields: [], last, before: "" };
        path = step.path;
      }
      const found = await this.words(path);
      return { fields: found.fields, last, before: parts.length ? `${parts.join(".")}.` : "" };
    }

    async suggest(asked = "") {
      const turn = (this.turn += 1);
      this.sign();
      const here = this.context();
      if (!this.object || (!asked && here.kind === "any" && !here.typed)) return this.close();
      let items = [];
      if (here.kind === "option" && here.field) {
        const { fields, last } = await this.behind(here.field);
        const field = fields.find((f) => [...f.labels, f.name].some((n) => n.toLowerCase() === last.trim().toLowerCase()) || f.path.split(".").pop() === last.trim());
        items = (field?.options || []).map((o) => ({ text: o, label: o, note: field.name, icon: "point", rank: fits(here.typed, [o], []), here }));
      } else if (here.kind !== "option") {
        const { functions } = await this.words();
        if (here.kind === "field" || asked !== "function") {
          const { fields, last, before } = await this.behind(here.kind === "field" ? here.typed : here.typed.includes(".") ? "" : here.typed);
          items = fields.map((f) => ({
            text: `{${before}${f.name}${"}"}`, label: `${before}${f.name}`, note: f.kind_label, icon: f.links ? "link" : "braces", links: f.links,
            rank: fits(last, [...f.labels, f.path.split(".").pop()], [f.initials]), here,
          }));
        }
        if (here.kind === "any" && asked !== "field") {
          items.push(...functions.map((f) => ({
            text: `${f.name}(`, label: f.name, note: f.usage, icon: "math-function", closes: true,
            rank: fits(here.typed, f.names, f.initials) + 0.5, here,
          })));
        }
      }
      if (turn !== this.turn) return;
      items = items.filter((i) => i.rank < 5).sort((a, b) => a.rank - b.rank).slice(0, asked ? 200 : 30);
      if (items.length === 1 && items[0].here.typed === items[0].text) items = [];
      this.show(items, Boolean(asked));
    }

    show(items, first) {
      this.items = items;
      this.at = items.length ? 0 : -1;
      this.menu.replaceChildren(...items.map((item, i) => {
        const row = make("div", "w-formula-item");
        row.id = `${this.menu.id}-${i}`;
        row.setAttribute("role", "option");
        row.append(make("i", `ti ti-${item.icon}`), make("strong", "", item.label), make("small", "", item.note || ""));
        return row;
      }));
      this.menu.hidden = !items.length;
      this.area.setAttribute("aria-expanded", items.length > 0);
      if (items.length) {
        this.menu.style.top = `${this.area.offsetTop + this.area.offsetHeight + 2}px`;
        this.mark();
      }
      if (first) this.area.focus();
    }

    mark() {
      [...this.menu.children].forEach((row, i) => row.setAttribute("aria-selected", i === this.at));
      const row = this.menu.children[this.at];
      row?.scrollIntoView({ block: "nearest" });
      this.area.setAttribute("aria-activedescendant", row?.id || "");
    }

    close() { this.show([]); this.area.removeAttribute("aria-activedescendant"); }

    offer(kind) {
      this.area.focus();
      this.suggest(kind);
    }

    take(item) {
      const { start, end } = item.here;
      const after = this.area.value.slice(end);
      let text = item.text;
      let skip = 0;
      if (item.here.kind === "field" && after.startsWith("}")) skip = 1;
      if (item.here.kind === "option" && !/^["”']/.test(after)) text += this.area.value[start - 1] === "“" ? "”" : this.area.value[start - 1];
      if (item.closes && /^\s*[(（]/.test(after)) text = text.slice(0, -1);
      else if (item.closes) text += ")";
      this.area.focus();
      this.area.setSelectionRange(start, end + skip);
      // execCommand keeps the browser's own undo; where it is gone, the text is set.
      if (!document.execCommand("insertText", false, text)) this.area.setRangeText(text, start, end + skip, "end");
      if (item.closes && text.endsWith(")")) this.area.setSelectionRange(start + text.length - 1, start + text.length - 1);
      this.close();
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
      this.close();
    }

    key(event) {
      const open = this.items.length > 0;
      if (event.key === " " && event.ctrlKey) { event.preventDefault(); this.suggest("any"); return; }
      if (!open || event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.at = (this.at + (event.key === "ArrowDown" ? 1 : -1) + this.items.length) % this.items.length;
        this.mark();
      } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
        event.preventDefault();
        this.take(this.items[this.at]);
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        this.turn += 1;
        this.close();
      }
    }

    // --- The function around the caret, its present argument in bold
    async sign() {
      const before = this.area.value.slice(0, this.area.selectionStart).replace(/"[^"]*"|'[^']*'|“[^”]*”|\{[^{}]*\}/g, (m) => "_".repeat(m.length));
      let depth = 0, place = 0, name = "";
      for (let i = before.length - 1; i >= 0 && !name; i -= 1) {
        const c = before[i];
        if (c === ")" || c === "）") depth += 1;
        else if ((c === "(" || c === "（") && depth > 0) depth -= 1;
        else if (c === "(" || c === "（") { name = WORD.exec(before.slice(0, i).trimEnd())?.[0] || "-"; }
        else if (depth === 0 && /[,，;；]/.test(c)) place += 1;
      }
      const { functions } = name && this.object ? await this.words() : { functions: [] };
      const found = functions.find((f) => f.names.some((n) => n.toLowerCase() === name.toLowerCase()));
      this.usage.replaceChildren();
      if (!found) return;
      const [, head, inner] = /^([^(]*\()(.*)\)$/.exec(found.usage) || [];
      if (inner === undefined) { this.usage.textContent = `${found.usage} · ${found.help}`; return; }
      const args = inner.split(/,\s*/);
      const now = Math.min(place, args.length - 1);
      this.usage.append(head);
      args.forEach((arg, i) => this.usage.append(i === now ? make("b", "", arg) : arg, i < args.length - 1 ? ", " : ")"));
      this.usage.append(` · ${found.help}`);
      this.usage.title = this.usage.textContent;
    }

    // --- What is wrong, what it means, what it gives
    later() {
      clearTimeout(this.pending);
      this.pending = setTimeout(() => this.look(), 280);
    }

    async look() {
      this.looked = true;
      const text = this.area.value;
      const turn = (this.looks = (this.looks || 0) + 1);
      if (!text.trim() || !this.object) {
        this.said.replaceChildren();
        if (this.try) this.try.hidden = true;
        this.problems = [];
        this.root.classList.remove("has-problem");
        this.paint();
        this.root.dispatchEvent(new CustomEvent("formula", { bubbles: true, detail: { problems: [], text: "" } }));
        return;
      }
      let found;
      const { own, plain } = this.root.dataset;
      const how = { ...(own === undefined ? {} : { own: 1 }), ...(plain === undefined ? {} : { plain: 1 }) };
      try {
        const answer = await window.wubu.post("/formulas/look", { object: this.object, text, expect: this.root.dataset.expect, record: this.chosen, ...how, ...this.params() });
        if (!answer.ok) return;
        found = await answer.json();
      } catch { return; } // the form itself tells when the server is gone
      if (turn !== this.looks) return;
      // What is stored names permanent keys; people read and edit labels.
      if (found.labelled && found.labelled !== text && document.activeElement !== this.area) this.area.value = found.labelled;
      this.tell({ ...found, text: this.area.value });
    }

    // Text that something else wrote here, with what it means.
    put(text, sentence) {
      clearTimeout(this.pending);
      this.looks = (this.looks || 0) + 1;
      this.area.value = text;
      this.problems = [];
      this.root.classList.remove("has-problem");
      this.paint();
      this.said.replaceChildren(document.createTextNode(sentence));
    }

    tell(found) {
      const text = this.area.value;
      this.problems = found.problems;
      // While it is still being written, what is missing at its end is a hint and no alarm.
      const writing = document.activeElement === this.area && this.area.selectionEnd === text.length && found.problems.every((p) => p.code === "unfinished" || p.code === "brace_not_closed");
      this.root.classList.toggle("has-problem", found.problems.length > 0 && !writing);
      if (writing) this.problems = [];
      this.paint();
      this.said.replaceChildren(...(found.problems.length ? found.problems.slice(0, 6).map((p) => this.wrong(p, writing)) : [document.createTextNode(found.sentence)]));
      if (this.try) {
        this.try.hidden = found.problems.length > 0;
        if (found.record && document.activeElement !== this.record) this.record.value = found.record.title;
        this.value.textContent = found.value === null ? found.why : found.value;
        this.value.classList.toggle("is-none", found.value === null);
        this.value.title = found.kind;
      }
      this.root.dispatchEvent(new CustomEvent("formula", { bubbles: true, detail: found }));
    }

    // The numbers that [days] and the like stand for, where the same form asks for them.
    params() {
      const asked = [...(this.area.form?.elements || [])].filter((f) => f.name?.startsWith("param_"));
      return Object.fromEntries(asked.map((f) => [f.name, f.value]));
    }

    wrong(problem, writing) {
      const line = make("div", writing ? "w-formula-hint" : "w-wrong");
      const words = make("span", "", [problem.message, problem.hint].filter(Boolean).join(" "));
      line.append(make("i", "ti ti-alert-circle"), words);
      if (problem.suggestion) {
        const mend = make("button", "w-formula-mend", say(`改为 ${problem.suggestion}`, `Use ${problem.suggestion}`));
        mend.type = "button";
        mend.onclick = () => {
          this.area.setRangeText(problem.suggestion, problem.start, problem.end, "end");
          this.area.focus();
          this.area.dispatchEvent(new Event("input", { bubbles: true }));
          this.close();
        };
        words.append(mend);
      } else {
        words.onclick = () => { this.area.focus(); this.area.setSelectionRange(problem.start, problem.end); };
      }
      return line;
    }

    // --- The record it is tried on
    pick() {
      let found = [], at = -1, asked;
      const close = () => { this.picks.hidden = true; found = []; at = -1; };
      const mark = () => [...this.picks.children].forEach((row, i) => row.setAttribute("aria-selected", i === at));
      const choose = (item) => { this.chosen = item.id; this.record.value = item.title; close(); this.look(); };
      const ask = async () => {
        const answer = await fetch(`/pick/${this.object}?${new URLSearchParams({ q: this.record.value.trim() })}`).catch(() => null);
        if (!answer?.ok) return;
        found = (await answer.json()).items;
        at = found.length ? 0 : -1;
        this.picks.replaceChildren(...found.map((item) => {
          const row = make("button", "w-formula-item");
          row.type = "button";
          row.setAttribute("role", "option");
          row.append(make("strong", "", item.title), make("small", "", item.subtitle || ""));
          row.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(item); });
          return row;
        }));
        this.picks.hidden = !found.length;
        mark();
      };
      this.record.addEventListener("focus", () => { this.record.select(); this.record.dataset.was = this.record.value; const typed = this.record.value; this.record.value = ""; ask(); this.record.value = typed; });
      this.record.addEventListener("input", (event) => { event.stopPropagation(); clearTimeout(asked); asked = setTimeout(ask, 200); });
      this.record.addEventListener("blur", () => { close(); this.record.value = this.record.dataset.was && !this.record.value ? this.record.dataset.was : this.record.value; });
      this.record.addEventListener("keydown", (event) => {
        if (event.key === "Enter") { event.preventDefault(); if (found[at]) choose(found[at]); }
        if (event.key === "Escape" && found.length) { event.stopPropagation(); close(); }
        if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
          event.preventDefault();
          at = (at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length;
          mark();
        }
      });
    }
  }

  const ready = (root = document) => root.querySelectorAll("[data-formula]").forEach((box) => {
    if (!box.closest("template")) box.wubuFormula ||= new Editor(box);
  });
  window.wubu.formulas = ready; // for boxes that a script puts into the page
  document.addEventListener("DOMContentLoaded", () => ready());
  document.addEventListener("htmx:after:swap", () => ready());
  document.addEventListener("focusin", ({ target }) => {
    const box = target.closest?.("[data-formula]");
    if (box) box.wubuFormula ||= new Editor(box);
  });
  document.addEventListener("toggle", () => document.querySelectorAll("[data-formula]").forEach((b) => b.wubuFormula?.paint()), true);
})();
