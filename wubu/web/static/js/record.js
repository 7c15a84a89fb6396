// The record page: the stage path asks for a reason where a deal is lost; the timeline can be narrowed.
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset?.stageForm === undefined || form.dataset.outcome !== "lost" || form.reason.value) return;
    const dialog = document.getElementById("loss");
    if (!dialog) return;
    event.preventDefault();
    dialog.querySelector("form").reset();
    dialog.returnValue = "cancel";
    dialog.onclose = () => {
      const field = dialog.querySelector("[name=reason]:checked") || dialog.querySelector("textarea");
      if (dialog.returnValue === "ok" && field?.value) { form.reason.value = field.value; form.requestSubmit(); }
    };
    dialog.showModal();
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-show]");
    if (!button) return;
    button.parentElement.querySelectorAll("[data-show]").forEach((b) => b.setAttribute("aria-pressed", b === button));
    document.querySelectorAll(".w-timeline > li[data-kind]").forEach((item) => { item.hidden = button.dataset.show !== "" && item.dataset.kind !== button.dataset.show; });
  });
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-show-empty]");
    if (button) button.setAttribute("aria-pressed", button.parentElement.classList.toggle("is-full"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, dialog") || event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "j") document.querySelector("[rel=next]")?.click();
    if (event.key === "k") document.querySelector("[rel=prev]")?.click();
  });
  // A radio chip that is pressed again is let go
  let was = null;
  document.addEventListener("pointerdown", ({ target }) => { was = target.closest?.(".w-note-foot .w-chip")?.querySelector(":checked") || null; });
  document.addEventListener("click", ({ target }) => { if (target === was) { target.checked = false; was = null; } });
})();
