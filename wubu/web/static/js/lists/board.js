// The board: drag a card or use its menu; the server decides, a refused card goes back.
(() => {
  "use strict";
  const { post, say, toast } = window.wubu;
  const board = () => document.getElementById("board");
  const wide = () => !matchMedia("(max-width: 860px)").matches;
  let dragging = false;
  let missed = false;
  let moving = 0;

  const askReason = () => new Promise((done) => {
    const dialog = document.getElementById("loss");
    if (!dialog) return done("");
    dialog.querySelector("form").reset();
    dialog.returnValue = "cancel";
    dialog.onclose = () => {
      const field = dialog.querySelector("[name=reason]:checked") || dialog.querySelector("textarea");
      done(dialog.returnValue === "ok" && field?.value ? field.value : null);
    };
    dialog.showModal();
  });

  const recount = (column, by) => {
    const number = column?.querySelector(".w-col-count");
    if (number) number.textContent = Number(number.textContent.replace(/\D/g, "")) + by;
  };

  const send = async (card, from, to, back) => {
    let reason = "";
    if (to.dataset.outcome === "lost") {
      reason = await askReason();
      if (reason === null) return back();
    }
    recount(from, -1);
    recount(to, 1);
    moving += 1;
    try {
      const answer = await post(`${board().dataset.board}/${card.dataset.id}/stage`, { stage: to.dataset.stage, reason });
      const said = answer.headers.get("HX-Trigger");
      if (answer.headers.get("HX-Redirect")) { location.href = answer.headers.get("HX-Redirect"); return; }
      if (said) toast(JSON.parse(said).toast);
      if (!answer.ok) {
        recount(from, 1);
        recount(to, -1);
        back();
        if (!said) toast({ tone: "bad", message: say("没有移动成功，卡片已放回原处。", "It could not be moved; the card is back where it was.") });
      }
    } catch {
      recount(from, 1);
      recount(to, -1);
      back();
      toast({ tone: "bad", message: say("没有连上服务器，卡片已放回原处。", "The server could not be reached; the card is back where it was.") });
    } finally {
      moving -= 1;
      refresh();
    }
  };

  const refresh = () => { if (!dragging && !moving) { missed = false; htmx.trigger(board(), "refresh-board"); } };

  const sortable = () => {
    if (!window.Sortable || !wide()) return;
    board().querySelectorAll("[data-cards]").forEach((list) => {
      if (list.dataset.sortable) return;
      list.dataset.sortable = "1";
      Sortable.create(list, {
        group: { name: "stages", put: list.closest("[data-stage]").dataset.stage !== "_none" || board().dataset.empty !== undefined }, animation: 140, draggable: ".w-card", filter: "[data-card-menu]", preventOnFilter: false, ghostClass: "is-ghost", chosenClass: "is-chosen", delay: 80, delayOnTouchOnly: true, sort: true,
        onStart: () => { dragging = true; board().classList.add("is-dragging"); },
        onEnd: ({ item, from, to, oldDraggableIndex }) => {
          dragging = false;
          board().classList.remove("is-dragging");
          if (from === to) { if (missed) refresh(); return; }
          const back = () => from.insertBefore(item, from.querySelectorAll(".w-card")[oldDraggableIndex] || from.querySelector(".w-card-more"));
          send(item, from.closest("[data-stage]"), to.closest("[data-stage]"), back);
        },
      });
    });
  };

  // The menu of a card: the same move without dragging, by keyboard or on a phone
  let asked = null;
  const menu = document.getElementById("moves");
  document.addEventListener("click", ({ target }) => {
    const opener = target.closest?.("[data-card-menu]");
    if (opener && menu) {
      asked = opener.closest(".w-card");
      const here = asked.closest("[data-stage]").dataset.stage;
      menu.querySelectorAll("[data-move]").forEach((item) => { item.hidden = item.dataset.move === here; });
      menu.showPopover();
      const spot = opener.getBoundingClientRect();
      menu.style.left = `${Math.max(8, Math.min(spot.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
      menu.style.top = `${Math.min(spot.bottom + 4, innerHeight - menu.offsetHeight - 8)}px`;
      menu.querySelector("[data-move]:not([hidden])")?.focus();
      return;
    }
    const button = target.closest?.("[data-move]");
    if (!button || !asked) return;
    menu.hidePopover();
    carry(asked, document.getElementById(`col-${button.dataset.move}`));
  });
  const carry = (card, to) => {
    const from = card.closest("[data-stage]");
    const before = card.nextElementSibling;
    const list = from.querySelector("[data-cards]");
    to.querySelector("[data-cards]").prepend(card);
    hold(card);
    send(card, from, to, () => { list.insertBefore(card, before); hold(card); });
  };
  // The focus goes with the card, also through the refresh that follows
  const hold = (card) => { held = card.id; card.querySelector(".w-card-title").focus({ preventScroll: true }); card.scrollIntoView({ block: "nearest", inline: "nearest" }); };
  let held = "";
  document.addEventListener("pointerdown", () => { held = ""; });
  document.addEventListener("focusin", ({ target }) => { if (!target.closest?.(".w-card, .w-moves, dialog")) held = ""; });

  // By keyboard: arrows go from card to card, Alt and an arrow carries the card to the next stage
  document.addEventListener("keydown", (event) => {
    const card = event.target.closest?.(".w-card");
    const step = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] }[event.key];
    if (!card || !step || event.ctrlKey || event.metaKey || event.shiftKey || !wide()) return;
    const [side, down] = step;
    const columns = [...board().querySelectorAll("[data-stage]")].filter((c) => event.altKey || !c.classList.contains("is-spare"));
    const here = columns.indexOf(card.closest("[data-stage]"));
    if (event.altKey) {
      const to = columns[here + side];
      if (!side || !card.querySelector("[data-card-menu]")) return;
      event.preventDefault();
      if (to && (to.dataset.stage !== "_none" || board().dataset.empty !== undefined)) carry(card, to);
      return;
    }
    event.preventDefault();
    const inside = [...columns[here].querySelectorAll(".w-card")];
    if (down) { inside[inside.indexOf(card) + down]?.querySelector(".w-card-title").focus(); return; }
    const row = inside.indexOf(card);
    for (let n = here + side; columns[n]; n += side) {
      const there = [...columns[n].querySelectorAll(".w-card")];
      if (there.length) { there[Math.min(row, there.length - 1)].querySelector(".w-card-title").focus(); return; }
    }
  });
  menu?.addEventListener("keydown", (event) => {
    const items = [...menu.querySelectorAll("[data-move]:not([hidden])")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  });

  // On a phone one stage is shown at a time
  const show = (key) => {
    document.querySelectorAll("[data-stage-tab]").forEach((tab) => tab.setAttribute("aria-selected", tab.dataset.stageTab === key));
    board().dataset.shown = key;
    board().querySelectorAll("[data-stage]").forEach((column) => column.classList.toggle("is-shown", column.dataset.stage === key));
  };
  document.addEventListener("click", ({ target }) => {
    const tab = target.closest?.("[data-stage-tab]");
    if (tab) show(tab.dataset.stageTab);
  });

  // While a card is in the hand, the board underneath stays still
  document.addEventListener("htmx:before:request", (event) => {
    if (event.detail.ctx.sourceElement === board() && (dragging || moving)) { missed = true; event.preventDefault(); }
  });
  const ready = () => {
    sortable();
    if (held && document.activeElement === document.body) document.getElementById(held)?.querySelector(".w-card-title").focus({ preventScroll: true });
    const tabs = [...document.querySelectorAll("[data-stage-tab]")].map((tab) => tab.dataset.stageTab);
    const key = tabs.includes(board().dataset.shown) ? board().dataset.shown : tabs[0];
    if (key) show(key);
    document.querySelectorAll("[data-stage-tab]").forEach((tab) => {
      const number = document.querySelector(`#col-${tab.dataset.stageTab} .w-col-count`);
      if (number) tab.querySelector("b").textContent = number.textContent;
    });
  };
  document.addEventListener("DOMContentLoaded", ready);
  document.addEventListener("htmx:after:swap", ready);
})();
