// Cells as in a spreadsheet: arrows move, Enter or F2 or a double click edits, blocks are copied and pasted.
(() => {
  "use strict";
  const { say, cookie, post, toast } = window.wubu;
  const wide = () => !matchMedia("(max-width: 860px)").matches;
  const grid = () => document.querySelector(".w-sheet");
  let active = null; // the cell that has the focus
  let anchor = null; // where a block began
  let editing = null;

  const cellsOf = (row) => [...row.cells].filter((c) => !c.classList.contains("w-tick"));
  const rowsOf = (table) => [...table.querySelectorAll("tbody tr[data-id]")].filter((r) => r.offsetParent !== null);
  const place = (cell) => ({ row: rowsOf(grid()).indexOf(cell.parentElement), col: cellsOf(cell.parentElement).indexOf(cell) });
  const at = ({ row, col }) => { const found = rowsOf(grid())[row]; return found && cellsOf(found)[col]; };
  const heads = () => [...grid().querySelectorAll("th[data-key]")];

  const paint = () => {
    grid()?.querySelectorAll(".is-picked").forEach((c) => c.classList.remove("is-picked"));
    if (!active || !anchor || active === anchor || !anchor.isConnected) return;
    const [a, b] = [place(active), place(anchor)];
    for (let row = Math.min(a.row, b.row); row <= Math.max(a.row, b.row); row += 1) {
      for (let col = Math.min(a.col, b.col); col <= Math.max(a.col, b.col); col += 1) at({ row, col })?.classList.add("is-picked");
    }
  };
  const go = (cell, extend = false) => {
    if (!cell) return;
    grid().querySelectorAll(".is-active").forEach((c) => { c.classList.remove("is-active"); c.removeAttribute("tabindex"); });
    active = cell;
    if (!extend || !anchor?.isConnected) anchor = cell;
    cell.classList.add("is-active");
    cell.tabIndex = -1;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    paint();
  };
  const picked = () => {
    const [a, b] = [place(active), place(anchor?.isConnected ? anchor : active)];
    return { top: Math.min(a.row, b.row), left: Math.min(a.col, b.col), rows: Math.abs(a.row - b.row) + 1, cols: Math.abs(a.col - b.col) + 1 };
  };

  // --- Choosing cells
  document.addEventListener("mousedown", (event) => {
    const cell = event.target.closest?.(".w-sheet tbody tr[data-id] > td:not(.w-tick)");
    if (!cell || !wide() || event.button || editing?.contains(event.target) || event.target.closest("a, button, input, select, label")) return;
    if (editing) close(true);
    if (event.shiftKey) event.preventDefault();
    go(cell, event.shiftKey);
    dragging = true;
  });
  let dragging = false;
  document.addEventListener("mouseover", (event) => {
    const cell = dragging && event.buttons === 1 && event.target.closest?.(".w-sheet tbody tr[data-id] > td:not(.w-tick)");
    if (cell && cell !== active) { getSelection().removeAllRanges(); go(cell, true); }
  });
  document.addEventListener("mouseup", () => { dragging = false; });
  // On a phone a row is a card, and a card opens its record
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.(".w-sheet tbody tr[data-id]");
    if (!row || wide() || event.target.closest("a, button, input, label, select")) return;
    location.href = `${grid().dataset.grid}/${row.dataset.id}`;
  });
  document.addEventListener("dblclick", (event) => {
    const cell = event.target.closest?.(".w-sheet tbody tr[data-id] > td:not(.w-tick)");
    if (cell && wide() && !editing && !event.target.closest("button, input, select")) { event.preventDefault(); go(cell); edit(); }
  });

  // --- Keys
  document.addEventListener("keydown", (event) => {
    if (!grid() || editing?.contains(event.target)) return;
    if (event.target === document.body && event.key === "ArrowDown" && !active && wide()) { const first = rowsOf(grid())[0]; if (first) { event.preventDefault(); go(cellsOf(first)[0]); } return; }
    if (!active?.isConnected || event.target !== active) return;
    const spot = place(active);
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step && !event.altKey && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      go(at({ row: spot.row + step[0], col: spot.col + step[1] }), event.shiftKey);
    } else if (event.key === "Tab") {
      const next = at({ row: spot.row, col: spot.col + (event.shiftKey ? -1 : 1) });
      if (next) { event.preventDefault(); go(next); }
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      go(cellsOf(active.parentElement).at(event.key === "Home" ? 0 : -1), event.shiftKey);
    } else if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) location.href = `${grid().dataset.grid}/${active.parentElement.dataset.id}`;
      else edit();
    } else if (event.key === "Escape") {
      anchor = active; paint();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      const { rows, cols } = picked();
      paste(Array.from({ length: rows }, () => Array(cols).fill("").join("\t")).join("\n"));
    } else if (event.key === " ") {
      const box = active.parentElement.querySelector("[name=id]");
      if (box) { event.preventDefault(); box.click(); }
    } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      edit(event.key);
      event.preventDefault();
    }
  });

  // --- Editing one cell
  const address = (cell) => {
    const head = heads()[place(cell).col];
    return head ? `${grid().dataset.grid}/${cell.parentElement.dataset.id}/cell/${head.dataset.key}` : "";
  };
  const edit = async (typed = "") => {
    const cell = active;
    const head = heads()[place(cell).col];
    if (!grid().dataset || grid().dataset.edit === undefined || head?.dataset.edit === undefined) {
      if (!typed) toast({ message: say("这一格不能在列表里修改，请打开记录。", "This cell cannot be edited in the list; open the record.") });
      return;
    }
    const answer = await fetch(address(cell), { headers: { "HX-Request": "true", "HX-Request-Type": "partial" } }).catch(() => null);
    if (!answer) { toast({ tone: "bad", message: say("没有连上服务器。", "The server could not be reached.") }); return; }
    if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
    if (!answer.ok || active !== cell) { told(answer); return; }
    close(false);
    const box = document.createElement("div");
    box.className = "w-cell-edit";
    fill(box, await answer.text());
    cell.classList.add("is-editing");
    cell.append(box);
    editing = box;
    if (window.htmx?.process) htmx.process(box);
    const field = box.querySelector("input:not([type=hidden]), select, textarea");
    field?.focus();
    if (field && typed && ["text", "search", "tel", "email", "url", ""].includes(field.type || "") && field.getAttribute("role") !== "combobox") field.value = typed;
    else if (field?.getAttribute("role") === "combobox" && typed) { field.value = typed; }
    else field?.select?.();
  };
  // The list is a form itself: a form inside is only made where it hangs nowhere yet
  const fill = (box, words) => {
    const holder = document.createElement("div");
    holder.innerHTML = words;
    box.replaceChildren(...holder.childNodes);
  };
  const told = (answer) => {
    const said = answer.headers.get("HX-Trigger");
    try { toast(JSON.parse(said).toast); } catch { toast({ tone: "bad", message: say("这一格不能修改。", "This cell cannot be changed.") }); }
  };
  const close = (refocus) => {
    if (!editing) return;
    const cell = editing.closest("td");
    editing.remove();
    editing = null;
    cell?.classList.remove("is-editing");
    if (refocus && cell?.isConnected) go(cell);
  };
  const save = async (next = [0, 0]) => {
    if (!editing || editing.dataset.busy) return;
    const box = editing;
    const cell = box.closest("td");
    const form = box.querySelector("form");
    box.dataset.busy = "1";
    const answer = await fetch(address(cell), { method: "POST", body: window.wubu.body(form), headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href } }).catch(() => null);
    delete box.dataset.busy;
    if (!answer) { problem(box, say("没有连上服务器，输入还在这里。", "The server could not be reached; what you typed is still here.")); return; }
    if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
    if (answer.status === 422 || answer.status === 409) { fill(box, await answer.text()); box.querySelector("input:not([type=hidden]), select, textarea")?.focus(); return; }
    if (!answer.ok) { told(answer); problem(box, say("没有保存。", "It was not saved.")); return; }
    const spot = place(cell);
    const said = answer.headers.get("HX-Trigger");
    const words = await answer.text();
    editing = null;
    redraw(cell.parentElement, words);
    if (said) toast(JSON.parse(said).toast);
    go(at({ row: spot.row + next[0], col: spot.col + next[1] }) || at(spot));
    sums();
  };
  const problem = (box, words) => {
    let line = box.querySelector(".w-wrong");
    if (!line) { line = Object.assign(document.createElement("div"), { className: "w-wrong" }); box.append(line); }
    line.textContent = words;
  };
  const redraw = (row, words) => {
    const holder = document.createElement("tbody");
    holder.innerHTML = words;
    const fresh = holder.querySelector("tr");
    if (!fresh) return;
    const tick = row.querySelector(".w-tick");
    const kept = row.querySelector(".w-tick [name=id]")?.checked;
    row.dataset.version = fresh.dataset.version;
    if (fresh.dataset.paint) row.dataset.paint = fresh.dataset.paint; else delete row.dataset.paint;
    row.replaceChildren(...(tick ? [tick] : []), ...[...fresh.cells].filter((c) => !c.classList.contains("w-tick")));
    if (kept && tick) tick.querySelector("[name=id]").checked = true;
    dispatchEvent(new Event("resize"));
  };
  const sums = () => { const foot = grid()?.querySelector("tfoot"); if (foot && window.htmx) htmx.trigger(foot, "load"); };
  document.addEventListener("keydown", (event) => {
    if (!editing?.contains(event.target)) return;
    const listed = event.target.getAttribute("aria-expanded") === "true";
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(true); }
    else if (event.key === "Enter" && !event.defaultPrevented && !(event.target.tagName === "TEXTAREA" && !event.ctrlKey && !event.metaKey) && !(listed && event.target.getAttribute("role") === "combobox")) { event.preventDefault(); save(event.shiftKey ? [-1, 0] : [1, 0]); }
    else if (event.key === "Tab") { event.preventDefault(); setTimeout(() => save([0, event.shiftKey ? -1 : 1]), 0); }
  });
  document.addEventListener("submit", (event) => { if (editing?.contains(event.target)) { event.preventDefault(); save([1, 0]); } }, true);
  document.addEventListener("change", ({ target }) => { if (editing?.contains(target) && target.tagName === "SELECT") save([0, 0]); });
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-cell-close]")) close(true);
    const keep = target.closest?.("[data-cell-keep]");
    if (keep && editing) { editing.querySelector("[name=version]").value = keep.dataset.cellKeep; save([0, 0]); }
  });
  document.addEventListener("mousedown", ({ target }) => { if (editing && !editing.contains(target) && !target.closest(".w-combo-list, .w-toast")) save([0, 0]); });

  // --- Copying a block
  const raw = (cell) => {
    if (cell.dataset.raw !== undefined) return cell.dataset.raw;
    const copy = cell.cloneNode(true);
    copy.querySelectorAll("[aria-hidden=true], .w-cell-edit").forEach((part) => part.remove());
    const words = copy.textContent.trim();
    return copy.querySelector(".w-none") ? "" : [...copy.querySelectorAll(".w-pills > .w-pill")].map((p) => p.textContent).join("、") || words;
  };
  const quoted = (words) => (/[\t\n"]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words);
  const free = (event) => active?.isConnected && document.activeElement === active && !editing && event.clipboardData;
  document.addEventListener("copy", (event) => {
    if (!free(event) || (getSelection().toString() && active === anchor)) return;
    const { top, left, rows, cols } = picked();
    const lines = [];
    for (let row = top; row < top + rows; row += 1) {
      const line = [];
      for (let col = left; col < left + cols; col += 1) line.push(quoted(raw(at({ row, col }))));
      lines.push(line.join("\t"));
    }
    event.clipboardData.setData("text/plain", lines.join("\n"));
    event.preventDefault();
    toast({ message: say(`已复制 ${rows} 行 × ${cols} 列`, `Copied ${rows} × ${cols} cells`) });
  });

  // --- Pasting: what would change is shown first
  const dialog = () => document.getElementById("cells");
  document.addEventListener("paste", (event) => {
    if (!free(event)) return;
    event.preventDefault();
    let words = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    const { rows, cols } = picked();
    if (!/[\t\n]/.test(words) && rows * cols > 1) words = Array.from({ length: rows }, () => Array(cols).fill(words).join("\t")).join("\n");
    paste(words);
  });
  const paste = async (words) => {
    if (grid().dataset.edit === undefined) return;
    const { top, left } = picked();
    const body = new URLSearchParams({ text: words });
    rowsOf(grid()).slice(top).forEach((row) => body.append("row", `${row.dataset.id}:${row.dataset.version}`));
    heads().slice(left).forEach((head) => body.append("column", head.dataset.key));
    const answer = await post(`${grid().dataset.grid}/paste`, body).catch(() => null);
    if (!answer) { toast({ tone: "bad", message: say("没有连上服务器。", "The server could not be reached.") }); return; }
    if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
    if (!answer.ok) { told(answer); return; }
    const box = dialog();
    box.innerHTML = await answer.text();
    box.showModal();
    box.querySelector("[data-paste-go]")?.addEventListener("click", async ({ currentTarget }) => {
      currentTarget.disabled = true;
      body.set("go", "1");
      const done = await post(`${grid().dataset.grid}/paste`, body).catch(() => null);
      if (done?.ok) {
        box.close();
        try { toast(JSON.parse(done.headers.get("HX-Trigger")).toast); } catch { /* nothing to say */ }
        window.wubu.forced = true;
        htmx.trigger(document.getElementById("rows"), "refresh-rows");
        setTimeout(() => { window.wubu.forced = false; }, 500);
      } else if (done?.status === 422 || done?.status === 409) box.innerHTML = await done.text();
      else { box.close(); if (done) told(done); }
    });
  };
  document.addEventListener("click", ({ target }) => { if (target.closest?.("[data-dialog-close]")) target.closest("dialog").close(); });
  // After a refresh the cell that had the focus has it again
  let kept = null;
  document.addEventListener("htmx:before:swap", () => { kept = active?.isConnected && grid() ? place(active) : null; });
  document.addEventListener("htmx:after:swap", () => { if (kept && !active?.isConnected && grid()) { const cell = at(kept); if (cell && document.activeElement === document.body) go(cell); } });
})();
