// The import page: files go as soon as they are dropped or chosen; a choice of target goes at once.
(() => {
  "use strict";
  const send = (form) => {
    form.classList.add("is-sending");
    form.requestSubmit();
  };
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.matches("[data-drop] input[type=file]") && input.files.length) send(input.form);
    if (input.matches("[data-autosubmit]")) send(input.form);
  });
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const zone = event.target.closest?.("[data-drop]");
      if (zone) zone.classList.toggle("is-over", name === "dragenter" || name === "dragover");
    });
  }
})();
