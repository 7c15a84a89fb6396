// The sheet for the printer: one button.
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-print]")) print();
});
