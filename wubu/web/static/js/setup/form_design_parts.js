// The properties of what is picked in the form designer: a layout, a section, a field, a note, lines.
(() => {
  "use strict";
  const { el, icon, say } = window.wubu.design;
  const design = window.wubu.design;
  let serial = 0;
  let shown = []; // [place, holder] of what can be wrong
  let problems = [];

  const field = (label, input, help = "") => {
    const box = el("div", "w-field");
    const id = `design-${(serial += 1)}`;
    const name = el("label", "form-label", label);
    if (input.matches("input, select, textarea")) { input.id = id; name.htmlFor = id; }
    else { name.id = id; input.setAttribute("aria-labelledby", id); }
    box.append(name, input);
    if (help) box.append(el("div", "w-help", help));
    return box;
  };
  const text = (value, run, tag = "input") => {
    const box = el(tag, "form-control");
    box.value = value || "";
    if (tag === "textarea") box.rows = 2;
    box.addEventListener("input", () => run(box.value));
    return box;
  };
  const check = (label, on, run, help = "") => {
    const box = el("div", "w-field");
    const holder = el("label", "form-check form-switch w-switch");
    const input = Object.assign(el("input", "form-check-input"), { type: "checkbox", checked: Boolean(on) });
    input.setAttribute("role", "switch");
    input.addEventListener("change", () => run(input.checked));
    holder.append(input, el("span", "form-check-label", label));
    box.append(holder);
    if (help) box.append(el("div", "w-help", help));
    return box;
  };
  const choose = (options, value, run) => {
    const box = el("select", "form-select");
    options.forEach(([key, label]) => box.append(new Option(label, key, false, key === value)));
    box.addEventListener("change", () => run(box.value));
    return box;
  };
  const chips = (options, values, run) => {
    const box = el("div", "w-chips");
    box.setAttribute("role", "group");
    options.forEach(({ key, label }) => {
      const chip = el("label", "w-chip");
      chip.dataset.color = "teal";
      const input = Object.assign(el("input"), { type: "checkbox", checked: values.includes(key) });
      input.addEventListener("change", () => run([...box.querySelectorAll("input")].flatMap((x, n) => (x.checked ? [options[n].key] : []))));
      chip.append(input, el("span", "", label));
      box.append(chip);
    });
    return box;
  };
  const both = (label, value, run, tag) => {
    const now = typeof value === "string" ? { zh: value, en: value } : value || {};
    const pair = el("div", "w-pair");
    pair.append(field(say(`${label}（中文）`, `${label} (Chinese)`), text(now.zh, (v) => run({ ...now, zh: (now.zh = v) }), tag)), field(say(`${label}（英文）`, `${label} (English)`), text(now.en, (v) => run({ ...now, en: (now.en = v) }), tag)));
    return pair;
  };
  const set = (target, key, value) => { if (value === "" || value === false || value === undefined || (Array.isArray(value) && !value.length)) delete target[key]; else target[key] = value; };

  // A formula on the record (or on a line of it): the editor with completion, copied from the page
  const formula = (label, target, key, place, help, object = "") => {
    const template = document.querySelector("[data-formula-copy]");
    const root = template.content.firstElementChild.cloneNode(true);
    if (object) [root, ...root.querySelectorAll("[data-object]")].forEach((x) => { if ("object" in x.dataset) x.dataset.object = object; });
    const mark = `c${(serial += 1)}-`;
    root.querySelectorAll("[id], [aria-controls], [aria-describedby]").forEach((x) => {
      for (const name of ["id", "aria-controls", "aria-describedby"]) if (x.hasAttribute(name)) x.setAttribute(name, x.getAttribute(name).replace("copy-", mark));
    });
    const area = root.querySelector("textarea");
    area.value = target(false)[key] || "";
    area.removeAttribute("name");
    const heard = () => { if ((target(false)[key] || "") !== area.value.trim()) design.change(() => set(target(true), key, area.value.trim()), `${place}`); };
    area.addEventListener("input", heard);
    area.addEventListener("change", heard);
    const box = el("div", "w-field");
    const name = el("label", "form-label", label);
    name.htmlFor = area.id;
    box.append(name, root);
    if (help) box.append(el("div", "w-help", help));
    shown.push([place, box]);
    setTimeout(() => window.wubu.formulas?.(box), 0);
    return box;
  };

  // --- Data linkage
  const known = new Map();
  const wordsOf = (object) => {
    if (!known.has(object)) known.set(object, fetch(`/formulas/words?${new URLSearchParams({ object })}`).then((r) => (r.ok ? r.json() : { fields: [] })).catch(() => ({ fields: [] })));
    return known.get(object);
  };
  const linkage = (title, target, key, place, f, help, form = "") => {
    const box = el("details", "w-linkage");
    const own = form || design.data.object; // the form, or the line that is typed
    const rule = () => target(false)[key] || {};
    box.open = Boolean(target(false)[key]);
    const head = el("summary", "", title);
    box.append(head);
    const body = el("div", "w-linkage-body");
    box.append(body);
    const isCandidates = key === "candidates";
    const isLink = ["link", "links"].includes(f.type);
    const write = (name, value, group = "") => design.change(() => { const one = target(true); const now = { ...(one[key] || {}) }; set(now, name, value); set(one, key, now); if (!Object.keys(now).length) delete one[key]; }, group);
    const draw = async () => {
      body.replaceChildren();
      if (help) body.append(el("p", "w-help", help));
      const source = isCandidates && isLink ? f.target : rule().source || "";
      if (!(isCandidates && isLink)) {
        const pick = choose([["", say("请选择", "Choose")], ...design.data.objects.map((o) => [o.key, o.label])], source, (v) => { write("source", v); draw(); });
        body.append(field(say("数据来自", "The data comes from"), pick));
        shown.push([`${place}.source`, body.lastChild]);
      }
      if (!source) return;
      const [theirs, mine, above] = await Promise.all([wordsOf(source), wordsOf(own), form ? wordsOf(design.data.object) : { fields: [] }]);
      if (!(isCandidates && isLink)) {
        const pick = choose([["", say("请选择", "Choose")], ...theirs.fields.map((x) => [x.path, x.name])], rule().take || "", (v) => write("take", v));
        body.append(field(say("取哪个字段", "Take the field"), pick));
        shown.push([`${place}.take`, body.lastChild]);
      }
      // A condition is put together by choosing, and can be written freely.
      const area = text(rule().when, (v) => write("when", v.trim(), `${place}.when`), "textarea");
      area.classList.add("w-code");
      area.spellcheck = false;
      area.placeholder = "{…} = {form.…}";
      const how = form
        ? say("来源的字段直接写，本行的字段写 {form.字段}，主表的写 {parent.字段}；用 AND、OR 组合", "Fields of the source as they are, those of the line as {form.field}, of the record as {parent.field}; join with AND, OR")
        : say("来源的字段直接写，表单的字段写 {form.字段}；用 AND、OR 组合", "Fields of the source as they are, those of the form as {form.field}; join with AND, OR");
      const when = field(say("条件", "Under the condition"), area, how);
      body.append(when);
      shown.push([`${place}.when`, when]);
      const left = choose(theirs.fields.map((x) => [x.path, x.name]), "id", () => {});
      const sign = choose([["=", "="], ["<>", "≠"], [">", ">"], [">=", "≥"], ["<", "<"], ["<=", "≤"]], "=", () => {});
      const right = choose([
        ...mine.fields.map((x) => [`form.${x.path}`, form ? say(`本行：${x.name}`, `Line: ${x.name}`) : say(`表单：${x.name}`, `Form: ${x.name}`)]),
        ...above.fields.map((x) => [`parent.${x.path}`, say(`主表：${x.name}`, `Record: ${x.name}`)]),
      ], "", () => {});
      const fields = form ? new Map(design.lines.get(form).fields.map((x) => [x.key, x])) : design.fields;
      const linked = mine.fields.find((x) => fields.get(x.path)?.target === source);
      const higher = above.fields.find((x) => design.fields.get(x.path)?.target === source);
      if (linked || higher) right.value = linked ? `form.${linked.path}` : `parent.${higher.path}`;
      [left, sign, right].forEach((x, n) => x.setAttribute("aria-label", [say("来源字段", "Field of the source"), say("比较", "Compare"), say("表单字段", "Field of the form")][n]));
      const row = el("div", "w-linkage-row");
      row.append(left, sign, right);
      for (const [join, label] of [["AND", say("并且", "and")], ["OR", say("或者", "or")]]) {
        const add = el("button", "btn btn-sm", label);
        add.type = "button";
        add.append(icon("plus"));
        add.onclick = () => {
          const piece = `{${left.value}} ${sign.value} {${right.value}}`;
          area.value = area.value.trim() ? `${area.value.trim()} ${join} ${piece}` : piece;
          write("when", area.value);
        };
        row.append(add);
      }
      body.append(row);
      if (isCandidates) body.append(check(say("严格：保存时也检查", "Strict: checked when saving, too"), rule().strict, (v) => write("strict", v)));
      else body.append(check(say("覆盖已填写的内容", "Overwrite entered values"), rule().overwrite, (v) => write("overwrite", v), say("默认不会覆盖手工填写的内容", "Otherwise entered values are kept")));
      const drop = el("button", "btn btn-sm btn-ghost", say("去掉联动", "Remove the linkage"));
      drop.type = "button";
      drop.onclick = () => { design.change(() => { delete target(true)[key]; }); draw(); };
      body.append(drop);
      mark();
    };
    draw();
    return box;
  };

  // --- Each kind
  const ofLayout = (layout) => {
    const { data } = design;
    const put = (key, group) => (value) => design.change((l) => set(l, key, value), group);
    const parts = [
      both(say("名称", "Label"), layout.label, put("label", "label")),
      field(say("用途", "Use"), choose([["form", say("录入表单", "Entry form")], ["quick", say("快速新建（从关联字段）", "Quick create (from a link field)")]], layout.use || "form", put("use"))),
      field(say("给哪些角色", "For which roles"), chips(data.roles, layout.roles || [], put("roles")), say("都不选：所有人", "None: everybody")),
    ];
    if (data.stages.length) parts.push(field(say("在哪些阶段", "In which stages"), chips(data.stages, layout.stages || [], put("stages")), say("都不选：所有阶段", "None: every stage")));
    parts.push(formula(say("还要满足的条件", "And under the condition"), () => design.current(), "when", "when", say("打开记录时判断；留空即总是适用", "Checked when a record is opened; empty: always")));
    return parts;
  };
  const ofSection = (layout, { s }) => {
    const target = () => design.current().sections[s];
    const part = target();
    const put = (key, group) => (value) => design.change(() => set(target(), key, value), group && `${s}.${group}`);
    const columns = el("div", "w-seg");
    [1, 2, 3].forEach((n) => {
      const b = Object.assign(el("button", "", say(`${n} 列`, `${n}`)), { type: "button", ariaPressed: String((part.columns || 2) === n) });
      b.onclick = () => { put("columns")(n); columns.querySelectorAll("button").forEach((x, m) => { x.ariaPressed = String(m + 1 === n); }); };
      columns.append(b);
    });
    const tools = el("div", "w-form-foot");
    /** @type {[string, () => void][]} */
    const moves = [[say("上移", "Move up"), () => design.moveSection(s, -1)], [say("下移", "Move down"), () => design.moveSection(s, 1)], [say("删除分区", "Remove the section"), () => design.removeSection(s)]];
    for (const [label, run] of moves) {
      const b = Object.assign(el("button", "btn btn-sm btn-ghost", label), { type: "button" });
      b.onclick = run;
      tools.append(b);
    }
    return [
      both(say("标题", "Heading"), part.label, put("label", "label")),
      field(say("列数", "Columns"), columns),
      check(say("可以收起", "Can be collapsed"), part.collapsible, put("collapsible")),
      check(say("开始时收起", "Collapsed at first"), part.collapsed, put("collapsed")),
      formula(say("显示条件", "Shown when"), target, "show_when", `s${s}.show_when`, say("不显示的内容不会保存，也不会丢失", "Hidden values are not saved, and not lost")),
      tools,
    ];
  };
  // What the layout says of a column of lines; a column of which it says nothing keeps no entry.
  const columns = (target, place, part) => {
    const box = el("div", "w-columns");
    for (const f of part?.fields || []) {
      const at = (make) => {
        const one = target();
        if (!make) return one.cells?.[f.key] || {};
        one.cells ||= {};
        return (one.cells[f.key] ||= {});
      };
      const tidy = () => { const one = target(); if (one.cells?.[f.key] && !Object.keys(one.cells[f.key]).length) delete one.cells[f.key]; if (one.cells && !Object.keys(one.cells).length) delete one.cells; };
      const put = (key) => (value) => { design.change(() => { set(at(true), key, value); tidy(); }); badge(); };
      const spot = `${place}.cells.${f.key}`;
      const fold = el("details", "w-linkage w-column");
      const head = el("summary", "", f.label);
      const marks = el("span", "w-badges");
      const badge = () => {
        const now = at(false);
        marks.replaceChildren();
        const add = (on, name, words) => { if (on) { const i = icon(name); i.title = words; marks.append(i); } };
        add(now.required || now.required_when, "asterisk", say("必填", "Required"));
        add(now.show_when, "eye", say("有显示条件", "Shown under a condition"));
        add(now.default_from || now.candidates, "link", say("数据联动", "Data linkage"));
        add(now.read_only, "lock", say("只读", "Read only"));
        add(now.hidden, "eye-off", say("不显示", "Hidden"));
      };
      badge();
      head.append(marks);
      const body = el("div", "w-linkage-body");
      const build = () => {
        if (body.children.length) return;
        const now = at(false);
        body.append(formula(say("显示条件（按整条记录）", "Shown when (checked for the record)"), at, "show_when", `${spot}.show_when`));
        if (!f.computed) {
          body.append(
            check(say("必填", "Required"), now.required, put("required")),
            formula(say("满足条件时必填（按每一行）", "Required when (checked for each line)"), at, "required_when", `${spot}.required_when`, "", part.key),
            check(say("只读", "Read only"), now.read_only, put("read_only")),
            check(say("不显示（由联动填写）", "Hidden (filled in by a linkage)"), now.hidden, put("hidden")),
            linkage(say("数据联动：自动带入", "Data linkage: filled in"), at, "default_from", `${spot}.default_from`, f, "", part.key),
          );
          if (["link", "links", "choice", "multichoice"].includes(f.type)) body.append(linkage(say("数据联动：限定候选", "Data linkage: candidates"), at, "candidates", `${spot}.candidates`, f, "", part.key));
        }
        mark();
      };
      fold.append(head, body);
      fold.addEventListener("toggle", () => { if (fold.open) build(); badge(); });
      if (problems.some((p) => p.place.startsWith(`${spot}.`) || p.place === spot)) { fold.open = true; build(); }
      shown.push([spot, fold]);
      box.append(fold);
    }
    return box;
  };
  const ofItem = (layout, { s, i }) => {
    const target = () => design.current().sections[s].items[i];
    const one = target();
    const place = `s${s}.${i}`;
    const put = (key, group) => (value) => design.change(() => set(target(), key, value), group && `${place}.${group}`);
    const shows = formula(say("显示条件", "Shown when"), target, "show_when", `${place}.show_when`);
    if (one.text) return [both(say("文字", "Text"), one.text, put("text", "text"), "textarea"), field(say("样式", "Style"), choose([["", say("普通", "Plain")], ["info", say("提示", "Hint")], ["warn", say("注意", "Warning")], ["good", say("好消息", "Good")], ["bad", say("警示", "Alarm")]], one.tone || "", put("tone"))), shows];
    if (one.lines) {
      const part = design.lines.get(one.lines);
      return [
        field(say("显示哪些列", "Which columns"), chips(part?.fields || [], one.columns || [], put("columns")), say("都不选：全部", "None: all of them")),
        check(say("至少一行", "At least one line"), one.required, put("required")),
        shows,
        field(say("每一列", "Each column"), columns(target, place, part)),
      ];
    }
    const f = design.fields.get(one.field);
    if (!f) return [el("p", "w-help", say("这个字段已停用，可以移出。", "This field is disabled; remove it."))];
    const widths = el("div", "w-seg");
    const most = design.current().sections[s].columns || 2;
    for (let n = 1; n <= most; n += 1) {
      const b = Object.assign(el("button", "", n === most ? say("整行", "Whole row") : say(`${n} 列`, `${n}`)), { type: "button", ariaPressed: String((one.span || 1) === n) });
      b.onclick = () => { put("span")(n === 1 ? undefined : n); widths.querySelectorAll("button").forEach((x, m) => { x.ariaPressed = String(m + 1 === n); }); };
      widths.append(b);
    }
    const facts = el("p", "w-help", `${f.kind} · ${f.key}${f.required ? say(" · 字段本身必填", " · required in the field itself") : ""}${f.own.length ? say(" · 字段自带规则", " · has rules of its own") : ""}`);
    const parts = [facts];
    if (most > 1) parts.push(field(say("宽度", "Width"), widths));
    if (!f.computed) {
      parts.push(
        check(say("在此表单必填", "Required in this form"), one.required, put("required"), say("只约束通过这个表单的录入；要处处必填，请在字段设置里改", "Applies to entry through this form only; to apply everywhere, set it on the field itself")),
        formula(say("满足条件时必填", "Required when"), target, "required_when", `${place}.required_when`),
        check(say("只读", "Read only"), one.read_only, put("read_only"), say("仅在此表单；权限请在角色里设置", "In this form only; rights are set in roles")),
      );
    }
    parts.push(shows, check(say("不显示（由联动填写）", "Hidden (filled in by a linkage)"), one.hidden, put("hidden")), check(say("手机上收起", "Collapsed on a phone"), one.folded, put("folded")), both(say("帮助", "Help"), one.help, put("help", "help")));
    if (!f.computed) {
      parts.push(linkage(say("数据联动：自动带入", "Data linkage: filled in"), target, "default_from", `${place}.default_from`, f, say("例如选了产品，就带入它的价格", "For example the product brings its price")));
      if (["link", "links", "choice", "multichoice"].includes(f.type)) parts.push(linkage(say("数据联动：限定候选", "Data linkage: candidates"), target, "candidates", `${place}.candidates`, f, say("例如只列出这个客户的联系人", "For example only the contacts of this customer")));
    }
    return parts;
  };

  const mark = () => {
    shown.forEach(([place, box]) => {
      box.querySelector(":scope > .w-wrong")?.remove();
      const found = problems.filter((p) => p.place === place);
      box.classList.toggle("is-bad", found.length > 0);
      if (!found.length) return;
      const note = el("div", "w-wrong");
      note.append(icon("alert-circle"), el("span", "", found.map((p) => `${p.message} ${p.hint}`.trim()).join(" ")));
      box.append(note);
    });
  };
  design.problems = (found) => { problems = found; mark(); };
  design.properties = (layout, picked, found) => {
    design.current = () => design.layout();
    problems = found;
    shown = [];
    const box = design.at("properties");
    const titles = { layout: say("布局", "The layout"), section: say("分区", "Section") };
    const one = picked.kind === "item" ? layout.sections[picked.s]?.items[picked.i] : null;
    const title = titles[picked.kind] || design.fields.get(one?.field)?.label || design.lines.get(one?.lines)?.label || say("说明文字", "Note");
    const head = el("div", "w-panel-head");
    head.append(el("h2", "", title));
    if (picked.kind !== "layout") {
      const back = Object.assign(el("button", "btn btn-icon btn-sm btn-ghost"), { type: "button" });
      back.setAttribute("aria-label", say("回到布局属性", "Back to the layout"));
      back.append(icon("x"));
      back.onclick = () => design.pick({ kind: "layout" });
      head.append(back);
    }
    const body = el("div", "w-panel-body");
    body.append(...(picked.kind === "layout" ? ofLayout(layout) : picked.kind === "section" ? ofSection(layout, picked) : ofItem(layout, picked)));
    box.replaceChildren(head, body);
    box.classList.toggle("is-open", picked.kind !== "layout");
    mark();
  };
})();
