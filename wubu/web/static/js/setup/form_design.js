// The form designer: a layout as data, drawn as it will look. Drag, or use the keys: arrows walk,
// Alt+arrows move, Enter opens the properties, Delete takes out, Ctrl+Z takes back, Ctrl+S saves.
(() => {
  "use strict";
  const { say, cookie, toast } = window.wubu;
  const el = (tag, className = "", text = "") => Object.assign(document.createElement(tag), { className, textContent: text });
  const icon = (name) => { const i = el("i", `ti ti-${name}`); i.setAttribute("aria-hidden", "true"); return i; };
  const copy = (value) => JSON.parse(JSON.stringify(value));
  /** @type {Design} */
  const design = (window.wubu.design = { el, icon, say });

  const begin = (root) => {
    const data = JSON.parse(document.getElementById("design-data").textContent);
    const at = (name) => root.querySelector(`[data-${name}]`);
    const fields = new Map(data.fields.map((f) => [f.key, f]));
    const lines = new Map(data.lines.map((l) => [l.key, l]));
    const kept = `wubu:design:${document.body.dataset.member || ""}:${data.url}`;
    let layout = data.definition;
    let version = data.version;
    let picked = { kind: "layout" };
    let saved = JSON.stringify(layout);
    const past = [];
    const future = [];
    let problems = [];
    Object.assign(design, { data, fields, lines, at, layout: () => layout });

    // --- Changing, taking back
    const dirty = () => data.is_new || JSON.stringify(layout) !== saved;
    const state = (words) => { at("state").textContent = words ?? (dirty() ? say("有未保存的修改", "Not saved yet") : say(`第 ${version} 版`, `Version ${version}`)); };
    const after = () => {
      at("undo").disabled = !past.length;
      at("redo").disabled = !future.length;
      state();
      try { if (dirty()) localStorage.setItem(kept, JSON.stringify({ version, layout })); else localStorage.removeItem(kept); } catch { /* storage full or forbidden */ }
      later();
    };
    let group = "";
    design.change = (run, name = "") => {
      // Letters typed into one box are one step back.
      if (!name || name !== group) { past.push(JSON.stringify(layout)); if (past.length > 200) past.shift(); }
      group = name;
      future.length = 0;
      run(layout);
      draw();
      after();
    };
    const step = (from, to) => {
      if (!from.length) return;
      to.push(JSON.stringify(layout));
      layout = JSON.parse(from.pop());
      group = "";
      picked = { kind: "layout" };
      draw();
      properties();
      after();
    };
    const section = (s) => layout.sections[s];
    const item = (s, i) => section(s)?.items[i];
    const used = () => new Set(layout.sections.flatMap((s) => s.items.map((i) => i.field || i.lines)));

    // --- Drawing
    const fake = (f) => {
      if (f.computed) return el("div", "w-fake is-computed", say("自动计算", "computed"));
      const box = el("div", "w-fake");
      if (f.type === "bool") return el("div", "w-fake is-bool");
      if (f.choices.length) box.append(f.choices.join(" / "), icon("chevron-down"));
      else if (["link", "member", "team", "links", "members", "teams"].includes(f.type)) box.append(icon("search"));
      else if (["date", "datetime"].includes(f.type)) box.append(icon("calendar"));
      else if (["money", "number", "percent"].includes(f.type)) box.classList.add("is-number");
      if (["longtext", "richtext"].includes(f.type)) box.classList.add("is-tall");
      return box;
    };
    const badges = (one) => {
      const found = el("span", "w-badges");
      const add = (on, name, words) => { if (on) { const i = icon(name); i.title = words; found.append(i); } };
      add(one.show_when, "eye", say("有显示条件", "Shown under a condition"));
      add(one.required_when, "asterisk", say("有必填条件", "Required under a condition"));
      add(one.default_from || one.candidates || Object.values(one.cells || {}).some((c) => c.default_from || c.candidates), "link", say("数据联动", "Data linkage"));
      add(one.read_only, "lock", say("只读", "Read only"));
      add(one.hidden, "eye-off", say("不显示", "Hidden"));
      add(one.folded, "device-mobile", say("手机上收起", "Collapsed on a phone"));
      return found;
    };
    const words = (text) => (typeof text === "string" ? text : text ? say(text.zh || text.en || "", text.en || text.zh || "") : "");
    design.words = words;
    const tool = (name, label, run) => {
      const button = el("button", "btn btn-icon btn-sm btn-ghost");
      button.type = "button";
      button.tabIndex = -1;
      button.setAttribute("aria-label", label);
      button.append(icon(name));
      button.onclick = (event) => { event.stopPropagation(); run(); };
      return button;
    };
    const bad = (place) => problems.some((p) => p.place === place || p.place.startsWith(`${place}.`));
    const slot = (one, s, i) => {
      const f = fields.get(one.field);
      const part = lines.get(one.lines);
      const box = el("div", `w-slot w-span-${Math.min(one.text || one.lines ? 9 : one.span || 1, section(s).columns || 2)}`);
      const name = f ? f.label : part ? part.label : one.text ? words(one.text) : one.field || one.lines;
      box.tabIndex = 0;
      Object.assign(box.dataset, { s, i });
      box.setAttribute("role", "option");
      const on = picked.kind === "item" && picked.s === s && picked.i === i;
      box.setAttribute("aria-selected", on);
      box.setAttribute("aria-label", name);
      box.classList.toggle("is-picked", on);
      box.classList.toggle("is-bad", bad(`s${s}.${i}`));
      if (one.text) { box.classList.add("is-note"); box.append(icon("note"), el("p", "", name)); }
      else if (part) {
        const shown = one.columns?.length ? part.fields.filter((x) => one.columns.includes(x.key)) : part.fields;
        box.append(el("strong", "", name), el("small", "w-faint", shown.map((x) => x.label).join(" · ")));
        box.classList.add("is-lines");
      } else {
        const label = el("label", "form-label", name);
        if (one.required || f?.required) label.append(el("span", "w-req", "*"));
        box.append(label, f ? fake(f) : el("div", "w-fake", say("字段已停用", "This field is disabled")));
        const help = words(one.help) || f?.help;
        if (help) box.append(el("div", "w-help", help));
      }
      const tools = el("span", "w-slot-tools");
      tools.append(
        tool("arrow-up", say("上移", "Move up"), () => move(s, i, -1)),
        tool("arrow-down", say("下移", "Move down"), () => move(s, i, 1)),
        tool("x", say("移出", "Remove"), () => remove(s, i)),
      );
      box.append(badges(one), tools);
      return box;
    };
    const card = (part, s) => {
      const box = el("section", "w-panel w-part");
      box.dataset.s = s;
      const on = picked.kind === "section" && picked.s === s;
      box.classList.toggle("is-picked", on);
      box.classList.toggle("is-bad", problems.some((p) => p.place === `s${s}` || p.place.startsWith(`s${s}.`) && !/^s\d+\.\d/.test(p.place)));
      const head = el("div", "w-panel-head");
      head.tabIndex = 0;
      head.dataset.head = s;
      head.setAttribute("role", "button");
      const title = el("h2", "", words(part.label) || say("（没有标题）", "(no heading)"));
      head.append(icon("grip-vertical"), title, badges(part), el("small", "w-faint", say(`${part.columns || 2} 列`, `${part.columns || 2} columns`)));
      const grid = el("div", `w-fields is-${part.columns || 2} w-slots`);
      grid.dataset.s = s;
      grid.setAttribute("role", "listbox");
      grid.setAttribute("aria-label", words(part.label));
      part.items.forEach((one, i) => grid.append(slot(one, s, i)));
      if (!part.items.length) grid.append(el("p", "w-slot-empty", say("把字段拖到这里，或选中后从左边点选", "Drag fields here, or pick them on the left")));
      box.append(head, el("div", "w-panel-body"));
      box.lastChild.append(grid);
      return box;
    };
    const draw = () => {
      const focus = document.activeElement?.closest?.(".w-slot, [data-head]")?.dataset;
      const canvas = at("canvas");
      canvas.replaceChildren(...layout.sections.map(card));
      const add = el("button", "btn w-add-part", "");
      add.type = "button";
      add.append(icon("plus"), say("加一个分区", "Add a section"));
      add.onclick = () => { design.change((l) => l.sections.push({ label: { zh: "新分区", en: "New section" }, columns: 2, items: [] })); pick({ kind: "section", s: layout.sections.length - 1 }); };
      canvas.append(add);
      palette();
      sortable();
      if (focus) (focus.head !== undefined ? canvas.querySelector(`[data-head="${focus.head}"]`) : canvas.querySelector(`.w-slot[data-s="${focus.s}"][data-i="${focus.i}"]`))?.focus();
    };
    const palette = () => {
      const there = used();
      const wanted = at("find").value.trim().toLowerCase();
      const entry = (kind, key, label, hint, name) => {
        const li = el("li");
        Object.assign(li.dataset, { kind, key });
        const button = el("button", "w-palette-item");
        button.type = "button";
        button.append(icon(name), el("span", "", label), el("small", "w-faint", hint));
        button.onclick = () => put(make(kind, key));
        li.append(button);
        return li;
      };
      at("palette").replaceChildren(...data.fields
        .filter((f) => !there.has(f.key) && (!wanted || `${f.label} ${f.key}`.toLowerCase().includes(wanted)))
        .map((f) => entry("field", f.key, f.label, f.kind, f.required && !f.computed ? "asterisk" : "grip-vertical")));
      const rest = data.lines.filter((l) => !there.has(l.key)).map((l) => entry("lines", l.key, l.label, say("明细", "lines"), "table"));
      at("extras").replaceChildren(entry("text", "", say("说明文字", "A note"), "", "note"), ...rest);
    };
    const make = (kind, key) => {
      if (kind === "text") return { text: { zh: "请在这里写说明", en: "Write the note here" } };
      if (kind === "lines") return { lines: key };
      return { field: key, ...(fields.get(key)?.wide ? { span: 2 } : {}) };
    };

    // --- Picking, moving
    const pick = (what) => {
      picked = what;
      at("canvas").querySelectorAll(".is-picked").forEach((x) => { x.classList.remove("is-picked"); x.setAttribute("aria-selected", "false"); });
      const target = what.kind === "item" ? `.w-slot[data-s="${what.s}"][data-i="${what.i}"]` : what.kind === "section" ? `.w-part[data-s="${what.s}"]` : null;
      const box = target && at("canvas").querySelector(target);
      box?.classList.add("is-picked");
      if (what.kind === "item") box?.setAttribute("aria-selected", "true");
      properties();
    };
    design.pick = pick;
    const put = (one) => {
      const s = picked.s ?? layout.sections.length - 1;
      if (s < 0) design.change((l) => l.sections.push({ label: { zh: "基本信息", en: "Basics" }, columns: 2, items: [] }));
      const to = Math.max(s, 0);
      const i = picked.kind === "item" ? picked.i + 1 : section(to).items.length;
      design.change((l) => l.sections[to].items.splice(i, 0, one));
      pick({ kind: "item", s: to, i });
    };
    const remove = (s, i) => {
      design.change((l) => l.sections[s].items.splice(i, 1));
      const left = section(s).items.length;
      pick(left ? { kind: "item", s, i: Math.min(i, left - 1) } : { kind: "section", s });
      at("canvas").querySelector(".is-picked")?.focus();
    };
    const move = (s, i, by) => {
      let to = s;
      let place = i + by;
      if (place < 0 && s > 0) { to = s - 1; place = section(to).items.length; }
      else if (place >= section(s).items.length && s < layout.sections.length - 1) { to = s + 1; place = 0; }
      if (place < 0 || (to === s && place >= section(s).items.length)) return;
      design.change((l) => { const [one] = l.sections[s].items.splice(i, 1); l.sections[to].items.splice(place, 0, one); });
      pick({ kind: "item", s: to, i: place });
      at("canvas").querySelector(`.w-slot[data-s="${to}"][data-i="${place}"]`)?.focus();
    };
    design.removeSection = (s) => { design.change((l) => l.sections.splice(s, 1)); pick({ kind: "layout" }); };
    design.moveSection = (s, by) => {
      const to = s + by;
      if (to < 0 || to >= layout.sections.length) return;
      design.change((l) => { const [one] = l.sections.splice(s, 1); l.sections.splice(to, 0, one); });
      pick({ kind: "section", s: to });
    };
    const properties = () => design.properties(layout, picked, problems);
    at("canvas").addEventListener("click", ({ target }) => {
      const box = target.closest(".w-slot");
      const head = target.closest("[data-head]");
      if (box) pick({ kind: "item", s: +box.dataset.s, i: +box.dataset.i });
      else if (head) pick({ kind: "section", s: +head.dataset.head });
    });
    at("canvas").addEventListener("keydown", (event) => {
      const box = event.target.closest(".w-slot");
      const head = event.target.matches("[data-head]") ? event.target : null;
      if (!box && !head) return;
      const { key, altKey } = event;
      const all = [...at("canvas").querySelectorAll(".w-slot, [data-head]")];
      const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[key];
      if (by && altKey) { event.preventDefault(); if (box) move(+box.dataset.s, +box.dataset.i, by); else { design.moveSection(+head.dataset.head, by); at("canvas").querySelector(`[data-head="${picked.s}"]`)?.focus(); } }
      else if (by) { event.preventDefault(); all[all.indexOf(box || head) + by]?.focus(); }
      else if (key === "Enter" || key === " ") { event.preventDefault(); (box || head).click(); at("properties").querySelector("input, select, textarea, button")?.focus(); }
      else if ((key === "Delete" || key === "Backspace") && box) { event.preventDefault(); remove(+box.dataset.s, +box.dataset.i); }
    });
    at("find").addEventListener("input", palette);

    // --- Dragging
    const sortable = () => {
      if (!window.Sortable || matchMedia("(max-width: 860px)").matches) return;
      const options = { animation: 130, filter: ".w-slot-tools, .w-slot-empty", preventOnFilter: false, ghostClass: "is-ghost" };
      at("canvas").querySelectorAll(".w-slots").forEach((grid) => new window.Sortable(grid, {
        ...options,
        group: "slots",
        draggable: ".w-slot, li",
        onAdd: ({ item: node, to, newDraggableIndex: i, from }) => {
          const s = +to.dataset.s;
          if (node.matches("li")) { const one = make(node.dataset.kind, node.dataset.key); design.change((l) => l.sections[s].items.splice(i, 0, one)); }
          else design.change((l) => { const [one] = l.sections[+from.dataset.s].items.splice(+node.dataset.i, 1); l.sections[s].items.splice(i, 0, one); });
          pick({ kind: "item", s, i });
        },
        onUpdate: ({ to, oldDraggableIndex: was, newDraggableIndex: i }) => {
          const s = +to.dataset.s;
          design.change((l) => { const [one] = l.sections[s].items.splice(was, 1); l.sections[s].items.splice(i, 0, one); });
          pick({ kind: "item", s, i });
        },
      }));
      new window.Sortable(at("canvas"), {
        animation: 130, handle: ".w-panel-head", draggable: ".w-part",
        onUpdate: ({ oldDraggableIndex: was, newDraggableIndex: to }) => { design.change((l) => { const [one] = l.sections.splice(was, 1); l.sections.splice(to, 0, one); }); pick({ kind: "section", s: to }); },
      });
      [at("palette"), at("extras")].forEach((list) => { list.sortable ||= new window.Sortable(list, { group: { name: "slots", pull: "clone", put: false }, sort: false, animation: 130 }); });
    };

    // --- Asking the server: what is wrong, how it looks, saving
    const send = (url, more = {}) => fetch(url, {
      method: "POST",
      body: new URLSearchParams({ definition: JSON.stringify(layout), version, ...more }),
      headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href },
    });
    const base = data.url.replace(/\/[^/]+$/, "");
    const tell = (found) => {
      problems = found;
      at("canvas").querySelectorAll(".w-slot").forEach((box) => box.classList.toggle("is-bad", bad(`s${box.dataset.s}.${box.dataset.i}`)));
      design.problems?.(problems);
    };
    let timer;
    const later = () => { clearTimeout(timer); timer = setTimeout(async () => {
      const answer = await send(`${base}/check`).catch(() => null);
      if (answer?.ok) tell((await answer.json()).problems);
    }, 500); };
    const list = (found) => {
      at("problem-list").replaceChildren(...found.map((p) => {
        const li = el("li");
        const where = p.place.match(/^s(\d+)(?:\.(\d+))?/);
        const one = where?.[2] !== undefined ? item(+where[1], +where[2]) : null;
        const name = one ? fields.get(one.field)?.label || lines.get(one.lines)?.label || words(one.text) : where ? words(section(+where[1])?.label) : "";
        const link = el("a", "", name || say("布局", "Layout"));
        link.href = "#";
        link.onclick = (event) => { event.preventDefault(); look("build"); pick(where?.[2] !== undefined ? { kind: "item", s: +where[1], i: +where[2] } : where ? { kind: "section", s: +where[1] } : { kind: "layout" }); at("properties").querySelector(".is-bad input, .is-bad textarea, input")?.focus(); };
        li.append(link, say("：", ": "), p.message, p.hint ? ` ${p.hint}` : "");
        return li;
      }));
      at("problems").hidden = !found.length;
      if (found.length) at("problems").focus();
    };
    const save = async (over = false) => {
      at("save").disabled = true;
      const answer = await send(data.url, over ? { version: "" } : {}).catch(() => null);
      at("save").disabled = false;
      if (!answer) { toast({ tone: "bad", message: say("没有连上服务器，修改还在本机。", "The server could not be reached; your changes are kept here.") }); return; }
      if (answer.status === 401) { location.href = answer.headers.get("HX-Redirect") || "/login"; return; }
      const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (answer.ok) {
        ({ version } = told);
        saved = JSON.stringify(layout);
        data.is_new = false;
        at("conflict").hidden = true;
        list([]);
        after();
        toast({ message: say(`已保存为第 ${version} 版`, `Saved as version ${version}`) });
        history.replaceState(null, "", told.url);
      } else if (answer.status === 422) { tell(told.problems || []); list(told.problems || []); }
      else if (answer.status === 409) {
        at("conflict").hidden = false;
        at("conflict-words").textContent = told.theirs.who ? say(`${told.theirs.who} 在您打开之后保存了第 ${told.theirs.version} 版，您的修改还在。`, `${told.theirs.who} saved version ${told.theirs.version} after you opened it. Your changes are still here.`) : told.message;
        at("take-theirs").onclick = () => { design.change((l) => { Object.keys(l).forEach((k) => delete l[k]); Object.assign(l, copy(told.theirs.definition)); }); version = told.theirs.version; saved = JSON.stringify(layout); at("conflict").hidden = true; pick({ kind: "layout" }); after(); };
        at("over").onclick = () => save(true);
      } else { try { toast(JSON.parse(answer.headers.get("HX-Trigger")).toast); } catch { toast({ tone: "bad", message: say("没有保存成功。", "It could not be saved.") }); } }
    };
    const look = async (how) => {
      root.querySelectorAll("[data-look]").forEach((b) => b.setAttribute("aria-pressed", b.dataset.look === how));
      at("build").hidden = how !== "build";
      at("preview").hidden = at("as").hidden = how === "build";
      at("preview").classList.toggle("is-phone", how === "phone");
      if (how === "build") return;
      const answer = await send(`${base}/preview`, { role: at("role").value, stage: at("stage").value }).catch(() => null);
      if (answer?.ok) { const html = await answer.text(); at("preview").innerHTML = html; }
    };
    const shown = () => root.querySelector("[data-look][aria-pressed=true]").dataset.look;
    root.querySelectorAll("[data-look]").forEach((b) => { b.onclick = () => look(b.dataset.look); });
    data.roles.forEach((r) => at("role").append(new Option(r.label, r.key)));
    data.stages.forEach((s) => at("stage").append(new Option(s.label, s.key)));
    at("stage-box").hidden = !data.stages.length;
    [at("role"), at("stage")].forEach((box) => { box.onchange = () => look(shown()); });
    at("save").onclick = () => save();
    at("undo").onclick = () => step(past, future);
    at("redo").onclick = () => step(future, past);
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey)) return;
      const key = event.key.toLowerCase();
      if (key === "s") { event.preventDefault(); save(); }
      // Within a box the browser takes back letters; elsewhere whole steps are taken back.
      if (key === "z" && !event.target.matches("input, textarea")) { event.preventDefault(); if (event.shiftKey) step(future, past); else step(past, future); }
    });
    addEventListener("beforeunload", (event) => { if (dirty() && past.length) event.preventDefault(); });

    try {
      const found = JSON.parse(localStorage.getItem(kept) || "null");
      if (found && found.version === version && JSON.stringify(found.layout) !== saved) {
        past.push(saved);
        layout = found.layout;
        toast({ message: say("上次没保存的修改已恢复，可以撤销", "Your unsaved changes are restored; you can undo that") });
      }
    } catch { /* nothing kept */ }
    draw();
    properties();
    after();
  };
  document.addEventListener("DOMContentLoaded", () => { const root = document.querySelector("[data-design]"); if (root) begin(root); });
})();
