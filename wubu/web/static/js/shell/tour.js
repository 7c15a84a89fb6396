/* The guided tour: a card beside one part of the page after another. Esc ends it, arrows move. */
(() => {
  const start = (tour) => {
    const steps = [...tour.querySelectorAll("section")]
      .map((step) => ({ step, at: [...document.querySelectorAll(step.dataset.at)].find(seen) }))
      .filter((each) => each.at);
    if (!steps.length) return;
    const before = document.activeElement;
    const veil = document.createElement("div");
    const card = document.createElement("div");
    veil.className = "w-tour-veil";
    card.className = "w-tour-card";
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-modal", "true");
    card.tabIndex = -1;
    document.body.append(veil, card);
    let place = 0;

    const end = () => {
      veil.remove();
      card.remove();
      removeEventListener("keydown", keys, true);
      removeEventListener("resize", show);
      before?.focus?.();
      const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
      fetch("/tour/seen", { method: "POST", headers: { "X-CSRFToken": token || "" } });
      const hint = document.getElementById("tour-hint");
      if (hint) hint.hidden = true;
    };
    const go = (by) => {
      place += by;
      if (place >= steps.length) end();
      else {
        place = Math.max(0, place);
        show();
      }
    };
    const button = (words, kind, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = `btn btn-sm ${kind}`;
      made.textContent = words;
      made.addEventListener("click", act);
      return made;
    };
    const show = () => {
      const { step, at } = steps[place];
      at.scrollIntoView({ block: "nearest" });
      const box = at.getBoundingClientRect();
      const height = Math.min(box.height, innerHeight - 16);
      Object.assign(veil.style, {
        left: `${box.left - 4}px`,
        top: `${box.top - 4}px`,
        width: `${box.width + 8}px`,
        height: `${height + 8}px`,
      });
      const last = place === steps.length - 1;
      const foot = document.createElement("div");
      foot.className = "w-tour-foot";
      const count = document.createElement("span");
      count.textContent = `${place + 1} / ${steps.length}`;
      foot.append(count);
      if (!last) foot.append(button(tour.dataset.skip, "btn-ghost", end));
      if (place) foot.append(button(tour.dataset.back, "", () => go(-1)));
      foot.append(button(last ? tour.dataset.done : tour.dataset.next, "btn-primary", () => go(1)));
      card.replaceChildren(...step.cloneNode(true).childNodes, foot);
      card.setAttribute("aria-label", step.querySelector("h2").textContent);
      const wide = card.offsetWidth;
      const high = card.offsetHeight;
      const beside = box.right + 16 + wide < innerWidth && box.height > high;
      const left = beside ? box.right + 16 : Math.min(Math.max(16, box.left), innerWidth - wide - 16);
      let top = beside ? Math.max(16, box.top) : box.bottom + 14;
      if (top + high > innerHeight - 16) top = Math.max(16, box.top - high - 14);
      Object.assign(card.style, { left: `${left}px`, top: `${top}px` });
      card.querySelector(".btn-primary").focus({ preventScroll: true });
    };
    const keys = (event) => {
      if (event.key === "Escape") end();
      else if (event.key === "ArrowRight") go(1);
      else if (event.key === "ArrowLeft") go(-1);
      else if (event.key === "Tab") {
        const all = [...card.querySelectorAll("button")];
        const next = all.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
        all[(next + all.length) % all.length].focus();
        event.preventDefault();
      } else return;
      if (event.key !== "Tab") event.preventDefault();
    };
    addEventListener("keydown", keys, true);
    addEventListener("resize", show);
    show();
  };
  const seen = (part) => part.getClientRects().length > 0 && part.getBoundingClientRect().width > 0;

  document.addEventListener("click", (event) => {
    const tour = document.getElementById("tour");
    if (tour && event.target.closest("[data-tour]")) start(tour);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file][data-submit]") && event.target.files.length) {
      event.target.form.requestSubmit();
    }
  });
  const tour = document.getElementById("tour");
  if (tour?.hasAttribute("data-starts")) start(tour);
})();
