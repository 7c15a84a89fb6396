// The filter: rows that are built by hand and the typed condition, kept in step by the server, which knows the language.
(() => {
  "use strict";
  const { say, cookie, post } = window.wubu;
  const text = (words) => document.createTextNode(words);
  const make = (tag, values = {}, ...children) => {
    const { dataset, aria, ...rest } = values;
    const made = Object.assign(document.createElement(tag), rest);
    Object.assign(made.dataset, dataset || {});
    if (aria) made.setAttribute("aria-label", aria);
    made.append(...children);
    return made;
  };

  // --- What can be asked of each kind of field
  const IS = ["=", say("是", "is")];
  const NOT = ["<>", say("不是", "is not")];
  const EMPTY = [["blank", say("为空", "is empty")], ["filled", say("不为空", "is filled in")]];
  const ONE_OF = ["in", say("是其中之一", "is one of")];
  const kinds = (relative) => {
    const found = {
      text: [["contains", say("包含", "contains")], ["without", say("不包含", "does not contain")], ["=", say("等于", "is")], ["<>", say("不等于", "is not")], ...EMPTY],
      number: [["=", "="], ["<>", "≠"], [">", ">"], [">=", "≥"], ["<", "<"], ["<=", "≤"], ["between", say("介于", "is between")], ...EMPTY],
      date: [...relative.map(({ op, label }) => [op, label]), ["=", say("在", "is on")], [">=", say("不早于", "is on or after")], ["<=", say("不晚于", "is on or before")], ["between", say("介于", "is between")], ...EMPTY],
      choice: [IS, NOT, ONE_OF, ...EMPTY],
      choices: [["contains", say("包含", "contains")], ["without", say("不包含", "does not contain")], ...EMPTY],
      bool: [["=", say("是", "is")], ...EMPTY],
      member: [["me", say("是我", "is me")], ["team", say("在我的团队", "is in my team")], IS, NOT, ...EMPTY],
      link: [IS, NOT, ...EMPTY],
      team: EMPTY,
      other: EMPTY,
    };
    found.datetime = found.date;
    found.links = [["=", say("包含", "contains")], ...EMPTY];
    return found;
  };
  const UNARY = new Set(["blank", "filled", "me", "team"]);

  // --- Leaves and trees
  const literal = (field, value) => {
    switch (field.kind) {
      case "number": return { number: field.type === "percent" && /^-?[\d.]+$/.test(value) ? `${value}%` : value };
      case "bool": return { bool: value === "true" };
      case "choice": case "choices": return { choice: value };
      case "date": return { date: value };
      case "datetime": return value.length > 10 ? { datetime: value } : { date: value };
      case "link": case "links": case "member": case "team": return { id: String(value) };
      default: return { text: value };
    }
  };
  const placed = (tree, key) => JSON.parse(JSON.stringify(tree).replaceAll('{"field":"$"}', JSON.stringify({ field: key })));
  const treeOf = (item, relative) => {
    if (item.raw) return item.raw;
    if (item.items) {
      const args = item.items.map((i) => treeOf(i, relative)).filter(Boolean);
      return args.length === 0 ? null : args.length === 1 ? args[0] : { op: item.join, args };
    }
    const { field, op, value, until } = item;
    const of = { field: field.key };
    const known = relative.find((r) => r.op === op);
    if (known) return placed(known.tree, field.key);
    if (op === "blank") return { call: "ISBLANK", args: [of] };
    if (op === "filled") return { op: "not", args: [{ call: "ISBLANK", args: [of] }] };
    if (op === "me") return { op: "=", args: [of, { call: "ME", args: [] }] };
    if (op === "team") return { op: "in", args: [of, { call: "MYTEAM", args: [] }] };
    if (op === "in") return value.length ? { op: "in", args: [of, ...value.map((v) => literal(field, v))] } : null;
    if (value === "" || value === undefined) return null;
    const contains = { call: "CONTAINS", args: [of, literal(field, value)] };
    if (op === "contains") return contains;
    if (op === "without") return { op: "not", args: [contains] };
    if (op === "between") return until ? { op: "between", args: [of, literal(field, value), literal(field, until)] } : null;
    if (field.kind === "links") return { op: "in", args: [of, literal(field, value)] };
    return { op, args: [of, literal(field, value)] };
  };
  const valueOf = (node) => {
    for (const kind of ["text", "choice", "date", "datetime", "id"]) if (kind in (node || {})) return kind === "datetime" ? node.datetime.slice(0, 10) : String(node[kind]);
    if (node && "number" in node) return node.number.replace("%", "");
    if (node && "bool" in node) return String(node.bool);
    return undefined;
  };
  const leafOf = (tree, fields, relative) => {
    const inner = tree.op === "not" ? tree.args[0] : tree;
    const first = inner.args?.[0];
    const field = first && "field" in first && fields.find((f) => f.key === first.field);
    if (!field) return { raw: tree };
    const is = (node, call) => node?.call === call;
    const known = relative.find((r) => JSON.stringify(placed(r.tree, field.key)) === JSON.stringify(tree));
    if (known) return { field, op: known.op, value: "" };
    if (is(inner, "ISBLANK")) return { field, op: tree === inner ? "blank" : "filled", value: "" };
    const second = valueOf(inner.args?.[1]);
    if (is(inner, "CONTAINS") && second !== undefined) return { field, op: tree === inner ? "contains" : "without", value: second };
    if (tree !== inner) return { raw: tree };
    if (inner.op === "=" && is(inner.args[1], "ME")) return { field, op: "me", value: "" };
    if (inner.op === "in" && is(inner.args[1], "MYTEAM")) return { field, op: "team", value: "" };
    if (inner.op === "in") {
      const values = inner.args.slice(1).map(valueOf);
      if (values.some((v) => v === undefined)) return { raw: tree };
      if (field.kind === "choice") return { field, op: "in", value: values };
      if (field.kind === "links" && values.length === 1) return { field, op: "=", value: values[0] };
      return { raw: tree };
    }
    if (inner.op === "between" && second !== undefined && valueOf(inner.args[2]) !== undefined) return { field, op: "between", value: second, until: valueOf(inner.args[2]) };
    if (["=", "<>", "<", "<=", ">", ">="].includes(inner.op) && second !== undefined) return { field, op: inner.op, value: second };
    return { raw: tree };
  };
  const itemOf = (tree, fields, relative, ops) => {
    if (["and", "or"].includes(tree.op)) return { join: tree.op, items: tree.args.map((a) => itemOf(a, fields, relative, ops)) };
    const leaf = leafOf(tree, fields, relative);
    if (!leaf.raw && !(ops[leaf.field.kind] || ops.other).some(([op]) => op === leaf.op)) return { raw: tree };
    return leaf;
  };

  const builder = (form) => {
    const { fields, relative } = JSON.parse(document.getElementById("filter-fields").textContent);
    const ops = kinds(relative);
    const opsOf = (field) => ops[field.kind] || ops.other;
    const box = form.querySelector(".w-filter-box");
    const holder = form.querySelector("[data-builder]");
    const typed = form.elements.f;
    const editor = () => typed.closest("[data-formula]").wubuFormula;
    const opener = form.querySelector("[data-filter-open]");
    const names = {};
    /** @type {any} */
    let root = { join: "and", items: [] };
    let turn = 0;
    let opened = false;

    const ask = async (values) => {
      const mine = (turn += 1);
      const answer = await post(form.dataset.filter, values).catch(() => null);
      if (!answer || mine !== turn) return null;
      const told = await answer.json().catch(() => null);
      if (mine !== turn || !told) return null;
      Object.assign(names, told.titles || {});
      return told;
    };
    let pending;
    const sync = () => {
      clearTimeout(pending);
      pending = setTimeout(async () => {
        const tree = treeOf(root, relative);
        if (!tree) { turn += 1; editor().put("", ""); return; }
        const told = await ask({ tree: JSON.stringify(tree) });
        if (told?.text !== undefined) editor().put(told.text, told.sentence);
        else if (told?.problems) editor().tell({ problems: told.problems });
      }, 250);
    };
    const read = async () => {
      if (!typed.value.trim()) { turn += 1; root = { join: "and", items: [] }; draw(); return; }
      const told = await ask({ text: typed.value });
      if (!told || told.problems) { if (!holder.children.length) draw(); return; }
      const item = told.tree ? itemOf(told.tree, fields, relative, ops) : { join: "and", items: [] };
      root = item.items ? item : { join: "and", items: [item] };
      draw();
    };

    const select = (options, now, label, change) => {
      const made = make("select", { className: "form-select", aria: label });
      made.append(...options.map(([value, words]) => make("option", { value, textContent: words, selected: value === now })));
      made.onchange = () => change(made.value);
      return made;
    };
    const input = (item, name = "value") => {
      const { field } = item;
      const set = (value) => { item[name] = value; sync(); };
      if (field.kind === "choice" && item.op === "in") {
        const chips = make("div", { className: "w-chips w-filter-chips" });
        for (const c of field.choices) {
          const box_ = make("input", { type: "checkbox", value: c.key, checked: item.value.includes(c.key) });
          box_.onchange = () => set(box_.checked ? [...item.value, c.key] : item.value.filter((v) => v !== c.key));
          chips.append(make("label", { className: "w-chip", dataset: { color: "teal" } }, box_, make("span", { textContent: c.label })));
        }
        return chips;
      }
      if (["choice", "choices"].includes(field.kind)) return select([["", say("请选择", "Choose")], ...field.choices.map((c) => [c.key, c.label])], item[name], say("值", "Value"), set);
      if (field.kind === "bool") {
        if (!item.value) item.value = "true";
        return select([["true", say("是", "yes")], ["false", say("否", "no")]], item.value, say("值", "Value"), set);
      }
      if (field.target) {
        const combo = make("div", { className: "w-combo", dataset: { combo: "", url: `/pick/${field.target}` } });
        const hidden = make("input", { type: "hidden", value: item.value ? `id:${item.value}` : "" });
        const shown = make("input", { type: "text", className: "form-control", autocomplete: "off", value: item.value ? names[`${field.target}:${item.value}`] || `#${item.value}` : "", aria: say("值", "Value") });
        shown.setAttribute("role", "combobox");
        shown.setAttribute("aria-expanded", "false");
        shown.addEventListener("change", () => {
          const id = hidden.value.replace("id:", "");
          if (/^\d+$/.test(id)) { names[`${field.target}:${id}`] = shown.value; set(id); }
        });
        const list = make("div", { className: "w-combo-list", hidden: true });
        list.setAttribute("role", "listbox");
        combo.append(hidden, shown, list);
        return combo;
      }
      const made = make("input", { className: "form-control", type: ["date", "datetime"].includes(field.kind) ? "date" : "text", value: item[name] || "", aria: name === "until" ? say("到", "To") : say("值", "Value") });
      if (field.kind === "number") made.inputMode = "decimal";
      made.oninput = () => set(made.value);
      return made;
    };
    const drop = (group, item) => {
      const button = make("button", { type: "button", className: "btn btn-icon btn-sm btn-ghost", textContent: "×", aria: say("删除条件", "Remove the condition") });
      button.onclick = () => { group.items = group.items.filter((i) => i !== item); draw(); sync(); };
      return button;
    };
    const fresh = (field) => ({ field, op: opsOf(field)[0][0], value: "" });
    const line = (group, item) => {
      const row = make("div", { className: "w-filter-row" });
      if (item.raw) {
        row.append(make("span", { className: "w-filter-raw", textContent: say("手写的条件，见右侧文字", "Written by hand: see the text") }), drop(group, item));
        row.classList.add("is-raw");
        return row;
      }
      row.append(
        select(fields.map((f) => [f.key, f.label]), item.field.key, say("字段", "Field"), (key) => { Object.assign(item, fresh(fields.find((f) => f.key === key))); draw(); sync(); }),
        select(opsOf(item.field), item.op, say("条件", "Condition"), (op) => { item.op = op; if (op === "in") item.value = [].concat(item.value || []).filter(Boolean); else if (Array.isArray(item.value)) item.value = item.value[0] || ""; draw(); sync(); }),
      );
      if (UNARY.has(item.op) || relative.some((r) => r.op === item.op)) row.append(make("span"));
      else if (item.op === "between") row.append(make("div", { className: "w-filter-two" }, input(item), text("–"), input(item, "until")));
      else row.append(input(item));
      row.append(drop(group, item));
      return row;
    };
    const block = (group, depth, parent) => {
      const made = make("div", { className: "w-filter-group", dataset: { depth } });
      const head = make("div", { className: "w-filter-join" });
      head.append(make("span", { textContent: say("满足", "Match") }), select([["and", say("全部条件", "all")], ["or", say("任一条件", "any")]], group.join, say("条件关系", "How conditions are combined"), (join) => { group.join = join; sync(); }));
      if (parent) head.append(drop(parent, group));
      made.append(head, ...group.items.map((item) => (item.items ? block(item, depth + 1, group) : line(group, item))));
      const foot = make("div", { className: "w-filter-add" });
      const add = make("button", { type: "button", className: "btn btn-sm btn-ghost", textContent: `+ ${say("加条件", "Condition")}`, dataset: { rowAdd: "" } });
      add.onclick = () => { group.items.push(fresh(fields[0])); draw(); };
      foot.append(add);
      if (depth < 3) {
        const nest = make("button", { type: "button", className: "btn btn-sm btn-ghost", textContent: `+ ${say("加条件组", "Group")}` });
        nest.onclick = () => { group.items.push({ join: group.join === "and" ? "or" : "and", items: [fresh(fields[0])] }); draw(); };
        foot.append(nest);
      }
      made.append(foot);
      return made;
    };
    const draw = () => { holder.textContent = ""; if (fields.length) holder.append(block(root, 0, null)); };

    // The editor looks at what is typed; where it holds, the rows follow.
    typed.addEventListener("input", () => clearTimeout(pending));
    form.addEventListener("formula", ({ detail }) => { if (opened && document.activeElement === typed && !detail.problems.length) read(); });
    typed.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); } });
    const open = (yes) => {
      box.hidden = !yes;
      opener.setAttribute("aria-expanded", yes);
      if (yes) { editor()?.paint(); editor()?.look(); }
      if (yes && !opened) {
        opened = true;
        if (typed.value.trim()) read();
        else { if (fields.length) root.items.push(fresh(fields[0])); draw(); }
      }
    };
    opener.onclick = () => open(box.hidden);
    form.querySelectorAll("[data-preset]").forEach((button) => {
      button.onclick = () => { typed.value = button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.preset; form.requestSubmit(); };
    });
    form.addEventListener("submit", () => form.querySelectorAll("[name]").forEach((field) => { if (!field.value && field.name !== "f" && field.name !== "q") field.disabled = true; }));
    if (document.getElementById("problems")) open(true);
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-filter]").forEach(builder));

  // --- What was filtered last comes back with the list; clearing is remembered too
  const remember = (filter) => fetch(`${location.pathname}remember`, {
    method: "POST", keepalive: true, body: new URLSearchParams({ f: filter }), headers: { "X-CSRFToken": cookie("csrftoken") },
  }).catch(() => {});
  document.addEventListener("submit", ({ target }) => {
    if (target.matches("[data-filter]") && target.dataset.remember !== undefined) remember(target.elements.f.value);
  });
  document.addEventListener("click", ({ target }) => { if (target.closest?.("[data-forget]")) remember(""); });

  // --- A link to a view
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("[data-copy-link]");
    if (!button) return;
    const link = `${location.origin}${location.pathname}?view=${button.dataset.copyLink}`;
    try { await navigator.clipboard.writeText(link); window.wubu.toast({ message: say("链接已复制；收到的人只看到自己有权看的内容", "Copied. Whoever opens it sees only what they may see") }); } catch { prompt(say("复制这个链接", "Copy this link"), link); }
  });
})();
