// Lists: the filter builder beside the typed filter, column choice, ticking rows.
(() => {
  "use strict";
  const { say, cookie } = window.wubu;

  // --- Filter builder. The typed text is what counts; the rows write it and, where they can, read it.
  const OPERATIONS = {
    text: [["contains", say("包含", "contains")], ["=", say("等于", "is")], ["<>", say("不等于", "is not")], ["blank", say("为空", "is empty")], ["filled", say("不为空", "is filled in")]],
    number: [["=", "="], ["<>", "≠"], [">", ">"], [">=", "≥"], ["<", "<"], ["<=", "≤"], ["blank", say("为空", "is empty")]],
    date: [["=", say("在", "on")], [">=", say("不早于", "on or after")], ["<=", say("不晚于", "on or before")], ["blank", say("为空", "is empty")]],
    choice: [["=", say("是", "is")], ["<>", say("不是", "is not")], ["blank", say("为空", "is empty")]],
    choices: [["contains", say("包含", "contains")], ["blank", say("为空", "is empty")]],
    bool: [["=", say("是", "is")]],
    member: [["me", say("是我", "is me")], ["=", say("是", "is")], ["blank", say("为空", "is empty")]],
  };
  OPERATIONS.datetime = OPERATIONS.date;
  OPERATIONS.link = OPERATIONS.links = OPERATIONS.team = [["=", say("是", "is")], ["<>", say("不是", "is not")], ["blank", say("为空", "is empty")]];
  const operationsOf = (field) => OPERATIONS[field.kind] || OPERATIONS.text;
  const quoted = (words) => `"${words.replaceAll('"', '""')}"`;
  const literal = (field, value) => {
    if (field.kind === "number") return field.type === "percent" && /^[\d.]+$/.test(value) ? `${value}%` : value;
    if (field.kind === "bool") return value === "true" ? "TRUE" : "FALSE";
    return quoted(value);
  };
  const write = ({ field, operation, value }) => {
    const name = `{${field.key}}`;
    if (operation === "blank") return `ISBLANK(${name})`;
    if (operation === "filled") return `NOT ISBLANK(${name})`;
    if (operation === "me") return `${name} = ME()`;
    if (value === "") return "";
    if (operation === "contains") return `CONTAINS(${name}, ${quoted(value)})`;
    return `${name} ${operation} ${literal(field, value)}`;
  };
  const patterns = [
    [/^NOT ISBLANK\(\{(\w+)\}\)/, (m) => [m[1], "filled", ""]],
    [/^ISBLANK\(\{(\w+)\}\)/, (m) => [m[1], "blank", ""]],
    [/^CONTAINS\(\{(\w+)\}, "((?:[^"]|"")*)"\)/, (m) => [m[1], "contains", m[2].replaceAll('""', '"')]],
    [/^\{(\w+)\} = ME\(\)/, (m) => [m[1], "me", ""]],
    [/^\{(\w+)\} (=|<>|>=|<=|>|<) "((?:[^"]|"")*)"/, (m) => [m[1], m[2], m[3].replaceAll('""', '"')]],
    [/^\{(\w+)\} (=|<>|>=|<=|>|<) (TRUE|FALSE|[-\d.]+%?)/, (m) => [m[1], m[2], m[3] === "TRUE" ? "true" : m[3] === "FALSE" ? "false" : m[3].replace("%", "")]],
  ];
  const read = (text, fields) => {
    const rows = [];
    let join = "";
    let rest = text.trim();
    while (rest) {
      const found = patterns.map(([pattern, make]) => [rest.match(pattern), make]).find(([match]) => match);
      if (!found) return null;
      const [key, operation, value] = found[1](found[0]);
      const field = fields.find((f) => f.key === key);
      if (!field || !operationsOf(field).some(([o]) => o === operation)) return null;
      rows.push({ field, operation, value });
      rest = rest.slice(found[0][0].length).trim();
      if (!rest) break;
      const next = rest.match(/^(AND|OR)\b\s*/);
      if (!next || (join && join !== next[1])) return null;
      join = next[1];
      rest = rest.slice(next[0].length);
    }
    return { rows, join: join || "AND" };
  };
  const option = (value, label, chosen) => Object.assign(document.createElement("option"), { value, textContent: label, selected: value === chosen });

  const builder = (form) => {
    const fields = JSON.parse(document.getElementById("filter-fields").textContent);
    const [box, holder, text, join, byHand] = ["#filter-box", "[data-rows]", "[data-text]", "[data-join]", "[data-by-hand]"].map((s) => form.querySelector(s));
    let rows = [];
    const sync = () => { text.value = rows.map(write).filter(Boolean).join(` ${join.value} `); };
    const input = (row) => {
      let made;
      if (["choice", "choices"].includes(row.field.kind)) {
        made = document.createElement("select");
        made.append(option("", say("请选择", "Choose"), row.value), ...row.field.choices.map((c) => option(c.key, c.label, row.value)));
      } else if (row.field.kind === "bool") {
        made = document.createElement("select");
        if (!row.value) row.value = "true";
        made.append(option("true", say("是", "yes"), row.value), option("false", say("否", "no"), row.value));
      } else {
        made = document.createElement("input");
        made.type = ["date", "datetime"].includes(row.field.kind) ? "date" : "text";
        if (row.field.kind === "number") made.inputMode = "decimal";
        made.value = row.value;
      }
      made.className = made.tagName === "SELECT" ? "form-select" : "form-control";
      made.setAttribute("aria-label", say("值", "Value"));
      made.oninput = () => { row.value = made.value; sync(); };
      return made;
    };
    const draw = () => {
      holder.textContent = "";
      rows.forEach((row, at) => {
        const line = Object.assign(document.createElement("div"), { className: "w-filter-row" });
        const field = Object.assign(document.createElement("select"), { className: "form-select" });
        field.setAttribute("aria-label", say("字段", "Field"));
        field.append(...fields.map((f) => option(f.key, f.label, row.field.key)));
        field.onchange = () => { row.field = fields.find((f) => f.key === field.value); row.operation = operationsOf(row.field)[0][0]; row.value = ""; draw(); sync(); };
        const operation = Object.assign(document.createElement("select"), { className: "form-select" });
        operation.setAttribute("aria-label", say("条件", "Condition"));
        operation.append(...operationsOf(row.field).map(([o, label]) => option(o, label, row.operation)));
        operation.onchange = () => { row.operation = operation.value; draw(); sync(); };
        const drop = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-icon btn-sm btn-ghost", textContent: "×" });
        drop.setAttribute("aria-label", say("删除条件", "Remove the condition"));
        drop.onclick = () => { rows.splice(at, 1); draw(); sync(); };
        line.append(field, operation);
        if (!["blank", "filled", "me"].includes(row.operation)) line.append(input(row)); else line.append(document.createElement("span"));
        line.append(drop);
        holder.append(line);
      });
    };
    const load = () => {
      const known = read(text.value, fields);
      byHand.hidden = known !== null;
      rows = known ? known.rows : [];
      if (known) join.value = known.join;
      draw();
    };
    form.querySelector("[data-row-add]").onclick = () => {
      const field = fields[0];
      rows.push({ field, operation: operationsOf(field)[0][0], value: "" });
      draw();
    };
    join.onchange = sync;
    text.onchange = load;
    form.querySelector("[data-filter-open]").onclick = ({ currentTarget }) => {
      box.hidden = !box.hidden;
      currentTarget.setAttribute("aria-expanded", !box.hidden);
      if (!box.hidden && !rows.length && !text.value) form.querySelector("[data-row-add]").click();
    };
    form.querySelectorAll("[data-preset]").forEach((button) => {
      button.onclick = () => { text.value = text.value === button.dataset.preset ? "" : button.dataset.preset; form.requestSubmit(); };
    });
    form.addEventListener("submit", () => form.querySelectorAll("[name]").forEach((field) => { if (!field.value && field.name !== "f") field.disabled = true; }));
    load();
    if (document.getElementById("problems")) box.hidden = false;
  };
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-filter]").forEach(builder));

  // --- What was filtered last comes back with the list; clearing is remembered too
  const remember = (filter) => fetch(`${location.pathname}remember`, {
    method: "POST", keepalive: true, body: new URLSearchParams({ f: filter }), headers: { "X-CSRFToken": cookie("csrftoken") },
  }).catch(() => {});
  document.addEventListener("submit", ({ target }) => {
    if (target.matches("[data-filter]") && target.dataset.remember !== undefined) remember(target.querySelector("[data-text]").value);
  });
  document.addEventListener("click", ({ target }) => { if (target.closest?.("[data-forget]")) remember(""); });

  // --- Ticking rows
  const count = (form) => {
    const ticked = form.querySelectorAll("[name=id]:checked").length;
    const bar = form.querySelector("[data-bulk-bar]");
    if (!bar) return;
    bar.hidden = ticked === 0;
    bar.querySelector("[data-bulk-count]").textContent = ticked;
    bar.querySelectorAll("[data-bulk-two]").forEach((button) => { button.hidden = ticked !== 2; });
  };
  document.addEventListener("change", ({ target }) => {
    const form = target.closest?.("[data-bulk]");
    if (!form) return;
    if (target.dataset.tickAll !== undefined) form.querySelectorAll("[name=id]").forEach((box) => { box.checked = target.checked; });
    count(form);
  });
  document.addEventListener("click", ({ target }) => {
    const none = target.closest?.("[data-bulk-none]");
    if (!none) return;
    const form = none.closest("[data-bulk]");
    form.querySelectorAll("[type=checkbox]").forEach((box) => { box.checked = false; });
    count(form);
  });
  // A refresh must not untick what somebody is choosing.
  document.addEventListener("htmx:before:request", (event) => {
    if (event.detail.ctx.sourceElement.id === "rows" && document.querySelector("[data-bulk] [name=id]:checked")) event.preventDefault();
  });
})();
