// Lists: ticking rows, groups, sorting by several columns, columns by hand.
(() => {
  "use strict";
  const { say, post, toast } = window.wubu;

  // --- Ticking rows
  const count = (form) => {
    const bar = form.querySelector("[data-bulk-bar]");
    if (!bar) return;
    const ticked = form.querySelectorAll("[name=id]:checked").length;
    const all = bar.querySelector("[data-bulk-found]")?.checked || false;
    bar.hidden = ticked === 0;
    bar.querySelector("[data-bulk-count]").textContent = all ? say("全部", "All") : ticked;
    bar.querySelectorAll("[data-bulk-two]").forEach((button) => { button.hidden = all || ticked < 2 || ticked > 6; });
    bar.querySelectorAll("[data-only-ticked]").forEach((part) => { part.hidden = all; });
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
  // Shift ticks everything between two boxes
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".w-tick [name=id]");
    if (!box) return;
    if (event.shiftKey && last?.isConnected) {
      const all = [...box.closest("[data-bulk]").querySelectorAll("[name=id]")];
      const [a, b] = [all.indexOf(last), all.indexOf(box)].sort((x, y) => x - y);
      all.slice(a, b + 1).forEach((one) => { one.checked = box.checked; });
      count(box.closest("[data-bulk]"));
    }
    last = box;
  });
  // A refresh must not untick what somebody is choosing, nor take away what is typed.
  document.addEventListener("htmx:before:request", (event) => {
    if (event.detail.ctx.sourceElement.id !== "rows") return;
    if (document.querySelector("[data-bulk] [name=id]:checked, .w-cell-edit, .w-group.is-open") && !window.wubu.forced) event.preventDefault();
  });

  // --- One value for many records: a page of its own asks which
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-bulk-edit]");
    if (!button) return;
    const form = button.closest("form");
    const made = Object.assign(document.createElement("form"), { method: "post", action: button.dataset.bulkEdit });
    const add = (name, value) => made.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    add("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    if (form.querySelector("[data-bulk-found]")?.checked) add("found", "1");
    else form.querySelectorAll("[name=id]:checked").forEach((box) => add("id", box.value));
    document.body.append(made);
    made.requestSubmit();
  });

  // --- Groups open and close; their rows are fetched once
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-group-open]");
    if (!button) return;
    const group = button.closest(".w-group");
    button.setAttribute("aria-expanded", group.classList.toggle("is-open"));
  });

  // --- Shift adds a column to the order instead of replacing it
  document.addEventListener("click", (event) => {
    const head = event.target.closest?.("a[data-sort]");
    if (!head || !event.shiftKey) return;
    event.preventDefault();
    const url = new URL(head.href);
    const key = head.dataset.sort.replace(/^-/, "");
    const now = (new URLSearchParams(location.search).get("sort") || "").split(",").filter(Boolean);
    const at = now.findIndex((s) => s.replace(/^-/, "") === key);
    if (at >= 0) now[at] = head.dataset.sort; else now.push(head.dataset.sort);
    url.searchParams.set("sort", now.slice(0, 5).join(","));
    location.href = url.href;
  });

  // --- Columns: dragged in the menu, dragged or widened in the head
  const layout = (table, values) => {
    const body = new URLSearchParams({ quiet: "1", view: table.dataset.view });
    for (const [name, list] of Object.entries(values)) list.forEach((value) => body.append(name, value));
    return post(`${table.dataset.grid}/columns`, body);
  };
  const ready = () => {
    const menu = document.querySelector("[data-sort-columns]");
    if (menu && window.Sortable && !menu.dataset.sortable) {
      menu.dataset.sortable = "1";
      Sortable.create(menu, { animation: 120, handle: ".w-grip" });
    }
    const head = document.querySelector(".w-sheet thead tr");
    if (head && window.Sortable && !head.dataset.sortable && !matchMedia("(max-width: 860px)").matches) {
      head.dataset.sortable = "1";
      Sortable.create(head, {
        animation: 120, draggable: "th[data-key]", filter: "[data-resize]", preventOnFilter: false, delay: 120,
        onEnd: async ({ oldIndex, newIndex }) => {
          if (oldIndex === newIndex) return;
          const table = head.closest("table");
          await layout(table, { column: [...head.querySelectorAll("th[data-key]")].map((th) => th.dataset.key) });
          const url = new URL(location.href);
          url.searchParams.delete("columns");
          if (!url.search) url.searchParams.set("f", "");
          location.replace(url);
        },
      });
    }
    freeze();
    arranged();
  };
  // --- What stands in an order that one may change: tabs and groups, by drag or by Alt and an arrow
  const told = (answer) => {
    const said = answer?.headers.get("HX-Trigger");
    if (said) toast(JSON.parse(said).toast);
    else if (!answer?.ok) toast({ tone: "bad", message: say("没有保存顺序。", "The order was not saved.") });
  };
  const keepTabs = async () => {
    const bar = document.querySelector("[data-tabs]");
    const body = new URLSearchParams();
    bar.querySelectorAll("[data-tab]").forEach((tab) => body.append("id", tab.dataset.tab));
    told(await post(bar.dataset.tabs, body).catch(() => null));
  };
  const keepGroups = async () => {
    const table = document.querySelector(".w-sheet");
    const groups = [...table.querySelectorAll(".w-group")];
    const body = new URLSearchParams({ by: groups[0].dataset.by, view: table.dataset.view });
    groups.forEach((group) => body.append("in", group.dataset.group));
    told(await post(`${table.dataset.grid}/group-order`, body).catch(() => null));
  };
  const arranged = () => {
    if (!window.Sortable || matchMedia("(max-width: 860px)").matches) return;
    const bar = document.querySelector("[data-tabs]");
    if (bar && !bar.dataset.sortable) {
      bar.dataset.sortable = "1";
      let before = "";
      const now = () => [...bar.querySelectorAll("[data-tab]")].map((t) => t.dataset.tab).join();
      Sortable.create(bar, {
        animation: 120, draggable: "[data-tab]", delay: 120, onMove: ({ related }) => related.dataset.tab !== undefined,
        onStart: () => { before = now(); },
        onEnd: () => {
          // What can be done with the open view stays beside it
          const more = bar.querySelector(".w-view-more");
          if (more) bar.querySelector(".is-on").after(more);
          if (now() !== before) keepTabs();
        },
      });
    }
    const table = document.querySelector(".w-sheet");
    if (table?.querySelector(".w-group") && !table.dataset.groups) {
      table.dataset.groups = "1";
      Sortable.create(table, { animation: 120, draggable: ".w-group", handle: ".w-group-head", delay: 120, onEnd: ({ oldIndex, newIndex }) => { if (oldIndex !== newIndex) keepGroups(); } });
    }
  };
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const tab = event.target.closest?.("[data-tab]");
    const group = event.target.closest?.("[data-group-open]")?.closest(".w-group");
    const column = event.target.closest?.("[data-sort-columns] .dropdown-item");
    const moved = tab || group || column;
    const back = event.key === (tab ? "ArrowLeft" : "ArrowUp");
    if (!moved || (!back && event.key !== (tab ? "ArrowRight" : "ArrowDown"))) return;
    event.preventDefault();
    const alike = [...moved.parentElement.children].filter((el) => el.matches(tab ? "[data-tab]" : group ? ".w-group" : ".dropdown-item"));
    const other = alike[alike.indexOf(moved) + (back ? -1 : 1)];
    if (!other) return;
    const focused = event.target;
    if (back) other.before(moved); else other.after(moved);
    const more = tab && tab.parentElement.querySelector(".w-view-more");
    if (more) tab.parentElement.querySelector(".is-on").after(more);
    focused.focus();
    clearTimeout(settling);
    if (!column) settling = setTimeout(tab ? keepTabs : keepGroups, 500);
  });
  let settling;
  // Frozen columns stand where those before them end
  const freeze = () => {
    for (const table of document.querySelectorAll(".w-sheet")) {
      const heads = [...table.querySelectorAll("thead th")];
      let left = 0;
      const place = [];
      heads.forEach((th, n) => { if (th.dataset.frozen !== undefined) { place.push([n, left]); left += th.offsetWidth; } });
      for (const row of table.rows) {
        for (const [n, x] of place) {
          const cell = row.cells[n];
          if (!cell || cell.colSpan > 1) continue;
          cell.classList.add("is-frozen");
          cell.style.left = `${x}px`;
        }
        const edge = place.length && row.cells[place.at(-1)[0]];
        if (edge && edge.colSpan === 1) edge.classList.add("is-edge");
      }
    }
  };
  let pulled = null;
  document.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest?.("[data-resize]");
    if (!handle) return;
    event.preventDefault();
    event.stopPropagation();
    const th = handle.closest("th");
    pulled = { th, from: event.clientX, width: th.offsetWidth };
    handle.setPointerCapture(event.pointerId);
    document.body.classList.add("is-resizing");
  }, true);
  document.addEventListener("pointermove", (event) => {
    if (!pulled) return;
    const width = Math.min(900, Math.max(60, pulled.width + event.clientX - pulled.from));
    Object.assign(pulled.th.style, { width: `${width}px`, minWidth: `${width}px`, maxWidth: `${width}px` });
    freeze();
  });
  document.addEventListener("pointerup", () => {
    if (!pulled) return;
    const { th } = pulled;
    pulled = null;
    document.body.classList.remove("is-resizing");
    const table = th.closest("table");
    const widths = [...table.querySelectorAll("th[data-key]")].filter((h) => h.style.width).map((h) => `${h.dataset.key}:${parseInt(h.style.width, 10)}`);
    layout(table, { width: widths });
  });
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-resize]")) event.preventDefault(); }, true);

  document.addEventListener("DOMContentLoaded", ready);
  document.addEventListener("htmx:after:swap", ready);
  addEventListener("resize", freeze);
})();
