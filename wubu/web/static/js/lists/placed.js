// Calendar, timeline and places: a record is dragged to another day; the server decides, a refused one goes back.
(() => {
  "use strict";
  const { say, post, toast } = window.wubu;
  const root = () => document.querySelector("[data-placed]");
  const refresh = () => htmx.trigger(document.getElementById("placed"), "refresh-placed");
  let held = null;
  let busy = 0;

  const send = async (id, values, back) => {
    busy += 1;
    const answer = await post(`${root().dataset.placed}/${id}/when`, values).catch(() => null);
    busy -= 1;
    if (!answer) { back(); toast({ tone: "bad", message: say("没有连上服务器，已放回原处。", "The server could not be reached; it is back where it was.") }); return false; }
    if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return false; }
    const said = answer.headers.get("HX-Trigger");
    if (said) try { toast(JSON.parse(said).toast); } catch { /* nothing to say */ }
    if (!answer.ok) back();
    refresh();
    return answer.ok;
  };

  // --- Calendar
  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.(".w-event[draggable=true]");
    if (!card) return;
    held = { card, from: card.parentElement, before: card.nextElementSibling };
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.id);
    requestAnimationFrame(() => card.classList.add("is-held"));
  });
  const dayOf = (event) => held && event.target.closest?.("[data-day]");
  document.addEventListener("dragover", (event) => {
    const day = dayOf(event);
    if (!day) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    document.querySelectorAll(".is-over").forEach((d) => { if (d !== day) d.classList.remove("is-over"); });
    day.classList.add("is-over");
  });
  const letGo = () => {
    document.querySelectorAll(".is-over").forEach((d) => d.classList.remove("is-over"));
    held?.card.classList.remove("is-held");
    held = null;
  };
  document.addEventListener("drop", (event) => {
    const day = dayOf(event);
    if (!day) return;
    event.preventDefault();
    const { card, from, before } = held;
    letGo();
    if (from.closest("[data-day]") === day) return;
    day.querySelector("[data-drop]").append(card);
    place(card, day.dataset.day, () => from.insertBefore(card, before));
  });
  document.addEventListener("dragend", letGo);
  const place = (card, day, back) => send(card.dataset.id, { start_field: root().dataset.field, start: day, version: card.dataset.version }, back);
  // Without a mouse: Alt and an arrow move the record by a day or a week
  const shift = (day, by) => { const d = new Date(`${day}T00:00:00Z`); d.setUTCDate(d.getUTCDate() + by); return d.toISOString().slice(0, 10); };
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.(".w-event[draggable=true]");
    const by = event.altKey && { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (!card || !by) return;
    const day = card.closest("[data-day]").dataset.day;
    if (!day) return;
    event.preventDefault();
    place(card, shift(day, by), () => {});
  });

  // --- Timeline: a bar is moved as a whole or by its ends
  let drag = null;
  document.addEventListener("pointerdown", (event) => {
    const bar = event.target.closest?.(".w-stretch");
    const chart = bar?.closest("[data-gantt]");
    if (!bar || !chart || event.button || matchMedia("(max-width: 860px)").matches) return;
    const edge = event.target.dataset.edge || "";
    if (edge ? chart.dataset.sizable === undefined : chart.dataset.movable === undefined) return;
    event.preventDefault();
    const track = bar.parentElement;
    drag = { bar, edge, chart, x: event.clientX, day: track.offsetWidth / Number(chart.dataset.gantt), left: bar.offsetLeft, width: bar.offsetWidth, by: 0 };
    bar.setPointerCapture(event.pointerId);
    bar.classList.add("is-held");
  });
  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { bar, edge, day, left, width } = drag;
    drag.by = Math.round((event.clientX - drag.x) / day);
    const px = drag.by * day;
    if (edge !== "end") bar.style.left = `${left + px}px`;
    if (edge === "start") bar.style.width = `${Math.max(day, width - px)}px`;
    if (edge === "end") bar.style.width = `${Math.max(day, width + px)}px`;
  });
  const values = (row, chart, edge, by) => {
    const { start, until, version } = row.dataset;
    const found = { version };
    if (edge !== "end") { found.start_field = chart.dataset.field; found.start = shift(start, by); }
    if (chart.dataset.end && chart.dataset.sizable !== undefined && edge !== "start" && (until || edge === "end")) { found.end_field = chart.dataset.end; found.end = shift(until || start, by); }
    return found;
  };
  document.addEventListener("pointerup", () => {
    if (!drag) return;
    const { bar, edge, chart, by } = drag;
    drag = null;
    bar.classList.remove("is-held");
    const back = () => refresh();
    if (!by) { refresh(); return; }
    const row = bar.closest("[data-id]");
    send(row.dataset.id, values(row, chart, edge, by), back);
  });
  document.addEventListener("keydown", (event) => {
    const bar = event.target.closest?.(".w-stretch");
    const chart = bar?.closest("[data-gantt]");
    const by = event.altKey && { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!chart) return;
    const row = bar.closest("[data-id]");
    if (event.key === "Enter") location.href = `${chart.dataset.placed}/${row.dataset.id}`;
    const edge = event.shiftKey ? "end" : "";
    if (!by || (edge ? chart.dataset.sizable === undefined || !chart.dataset.end : chart.dataset.movable === undefined)) return;
    event.preventDefault();
    send(row.dataset.id, values(row, chart, edge, by), () => {});
  });
  document.addEventListener("dblclick", ({ target }) => {
    const row = target.closest?.(".w-stretch")?.closest("[data-id]");
    if (row) location.href = `${root().dataset.placed}/${row.dataset.id}`;
  });
  // What is in the hand stays where it is while the page refreshes
  document.addEventListener("htmx:before:request", (event) => {
    if (event.detail.ctx.sourceElement.id === "placed" && (held || drag || busy)) event.preventDefault();
  });

  // --- Places: from where I am
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-locate]");
    if (!button) return;
    const failed = () => toast({ tone: "bad", message: say("没有取得位置：请在浏览器里允许定位，或点某条记录旁的按钮。", "No position: allow it in the browser, or use the button beside a record.") });
    if (!navigator.geolocation) { failed(); return; }
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const url = new URL(location.href);
      url.searchParams.set("at", `${coords.latitude.toFixed(5)},${coords.longitude.toFixed(5)}`);
      url.searchParams.delete("near");
      location.href = url.href;
    }, failed, { timeout: 10000 });
  });
})();
