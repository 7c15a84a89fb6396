// The plus menu of one's own: its order by drag, by the arrows of a row, or by Alt and an arrow.
(() => {
  "use strict";
  const move = (row, way, focused) => {
    const other = way < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (way < 0) other.before(row); else other.after(row);
    // At either end the arrow that led there is gone: its sister takes the focus
    const hidden = getComputedStyle(focused).visibility === "hidden";
    (hidden ? row.querySelector(`[data-move="${-way}"]`) : focused).focus();
    row.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("DOMContentLoaded", () => {
    const list = document.querySelector("[data-plus]");
    if (list && window.Sortable) window.Sortable.create(list, { animation: 120, handle: ".w-grip" });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-plus] [data-move]");
    if (button) move(button.closest("li"), Number(button.dataset.move), button);
  });
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-plus] li");
    if (!row || !event.altKey || event.ctrlKey || event.metaKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    move(row, event.key === "ArrowUp" ? -1 : 1, event.target);
  });
})();
