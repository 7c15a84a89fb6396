// Lines of a record: added, removed, walked through with the keys, pasted from a spreadsheet.
(() => {
  "use strict";
  const { say, toast } = window.wubu;
  const MOST_PASTED = 500;
  let next = Date.now() % 1e6;
  const tell = (form) => form?.dispatchEvent(new CustomEvent("input", { bubbles: true }));

  const add = (lines) => {
    const holder = document.createElement("tbody");
    holder.innerHTML = lines.querySelector("template").innerHTML.replaceAll("__", `n${next++}`);
    const row = holder.firstElementChild;
    lines.querySelector("tbody").append(row);
    return row;
  };
  const boxes = (row) => [...row.querySelectorAll("td")].map((cell) => cell.querySelector("input:not([type=hidden]):not([type=file]), select, textarea"));
  const first = (row) => boxes(row).find(Boolean)?.focus();
  const drop = (row) => {
    const form = row.closest("form");
    const beside = row.nextElementSibling || row.previousElementSibling;
    const lines = row.closest("[data-lines]");
    row.remove();
    if (beside) first(beside);
    else lines.querySelector("[data-line-add]").focus();
    tell(form);
  };
  document.addEventListener("click", ({ target }) => {
    const plus = target.closest?.("[data-line-add]");
    if (plus) first(add(plus.closest("[data-lines]")));
    const minus = target.closest?.("[data-line-drop]");
    if (minus) drop(minus.closest("[data-line]"));
  });

  // --- Keys: up and down within a column, Enter goes down and begins a new line at the end
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-line]");
    if (!row || event.isComposing || event.target.matches("button, a")) return;
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const busy = event.target.getAttribute("role") === "combobox" && event.target.getAttribute("aria-expanded") === "true";
    if ((ctrlKey || metaKey) && key === "Delete") { event.preventDefault(); drop(row); return; }
    if (ctrlKey || metaKey || shiftKey || busy || event.defaultPrevented) return;
    const walks = key === "ArrowDown" || key === "ArrowUp";
    const own = event.target.matches("select, textarea, input[type=date], input[type=datetime-local], [role=combobox]");
    if (!(key === "Enter" && !event.target.matches("textarea")) && !(walks && (altKey || !own))) return;
    event.preventDefault();
    const at = boxes(row).indexOf(event.target);
    const to = key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling || (key === "Enter" ? add(row.closest("[data-lines]")) : null);
    if (!to) return;
    const wanted = boxes(to);
    // At the end of a line, Enter begins the next one at its first box.
    const box = key === "Enter" && at === wanted.findLastIndex(Boolean) ? wanted.find(Boolean) : wanted[at];
    box?.focus();
    box?.select?.();
  });

  // --- Paste: cells of a spreadsheet fill lines from the focused box on
  const day = (text) => {
    const found = text.match(/^(\d{4})\D+(\d{1,2})\D+(\d{1,2})/);
    return found ? `${found[1]}-${found[2].padStart(2, "0")}-${found[3].padStart(2, "0")}` : text;
  };
  const NO = /^(0|否|×|n|no|false|)$/i;
  const YES = /^(1|是|√|✓|y|yes|true)$/i;
  // What a box cannot hold stays beside it, to be read and mended.
  const left = (box, text) => {
    const cell = box.closest("td");
    cell.querySelector(".w-pasted")?.remove();
    if (!text) return;
    const note = document.createElement("div");
    note.className = "w-wrong w-pasted";
    note.textContent = say(`没有放进：“${text}”`, `Not put in: “${text}”`);
    cell.append(note);
    box.addEventListener("change", () => note.remove(), { once: true });
  };
  const fill = (box, text) => {
    const combo = box.closest("[data-combo]");
    let took = true;
    if (combo) {
      box.value = box.dataset.chosen = text;
      const hidden = combo.querySelector(":scope > input[type=hidden]");
      if (combo.dataset.many === undefined) hidden.value = text;
    } else if (box.tagName === "SELECT") {
      const found = [...box.options].find((o) => o.textContent.trim() === text || o.value === text);
      box.value = found ? found.value : "";
      took = Boolean(found) || !text;
    } else if (box.type === "checkbox") { box.checked = YES.test(text); took = YES.test(text) || NO.test(text); }
    else if (box.type === "date" || box.type === "datetime-local") { box.value = box.type === "date" ? day(text) : text; took = Boolean(box.value) || !text; }
    else box.value = text;
    left(box, took ? "" : text);
    box.dispatchEvent(new CustomEvent("input", { bubbles: true }));
    return took;
  };
  const cells = (text) => {
    const rows = [[""]];
    let quoted = false;
    for (let n = 0; n < text.length; n += 1) {
      const row = rows.at(-1);
      const c = text[n];
      if (quoted) {
        if (c === '"' && text[n + 1] === '"') { row[row.length - 1] += '"'; n += 1; } else if (c === '"') quoted = false;
        else row[row.length - 1] += c;
      } else if (c === '"' && row.at(-1) === "") quoted = true;
      else if (c === "\t") row.push("");
      else if (c === "\n") rows.push([""]);
      else if (c !== "\r") row[row.length - 1] += c;
    }
    if (rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop();
    return rows;
  };
  document.addEventListener("paste", (event) => {
    const start = event.target.closest?.("[data-line]");
    const text = event.clipboardData?.getData("text/plain") || "";
    if (!start || !/[\t\n]/.test(text.trim()) || event.target.matches("textarea")) return;
    event.preventDefault();
    const rows = cells(text);
    const column = boxes(start).indexOf(event.target);
    let row = start;
    let odd = 0;
    const beyond = [];
    rows.slice(0, MOST_PASTED).forEach((values, n) => {
      if (n) row = row.nextElementSibling || add(start.closest("[data-lines]"));
      const wanted = boxes(row).slice(column).filter((box) => box && !box.closest("td").hidden && !box.closest(".w-inert"));
      values.forEach((value, at) => {
        if (!wanted[at]) { if (value.trim()) beyond.push(value.trim()); } else if (!fill(wanted[at], value.trim())) odd += 1;
      });
    });
    tell(start.closest("form"));
    const count = Math.min(rows.length, MOST_PASTED);
    let words = say(`已粘贴 ${count} 行`, `${count} lines pasted`);
    if (rows.length > MOST_PASTED) words += say(`，其余 ${rows.length - MOST_PASTED} 行请用导入`, `; import the other ${rows.length - MOST_PASTED}`);
    if (odd) words += say(`，${odd} 格没有放进，原文留在格子下面`, `; ${odd} cells could not be filled, their text is shown below them`);
    if (beyond.length) {
      const some = beyond.slice(0, 3).join(say("、", ", "));
      words += say(`；右边没有列可放：${some}${beyond.length > 3 ? ` 等 ${beyond.length} 格` : ""}`, `; no column on the right for ${some}${beyond.length > 3 ? ` and ${beyond.length - 3} more` : ""}`);
    }
    toast({ message: words, tone: odd || beyond.length || rows.length > MOST_PASTED ? "warn" : "" });
  });
})();
