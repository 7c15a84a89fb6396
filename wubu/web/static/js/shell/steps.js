// Selects marked data-submit send their form at once.
(() => {
  "use strict";
  document.addEventListener("change", ({ target }) => {
    if (target.matches?.("[data-submit]")) target.form.requestSubmit();
  });
})();
