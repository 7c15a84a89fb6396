// The layout of an open form follows what is chosen in it: a stage, a field that a layout asks
// about. Boxes that both layouts have are moved over as they are, so nothing that was typed, drawn
// or opened in them is lost; what the new layout lacks is listed at its end.
(() => {
  "use strict";
  const { cookie, body: content } = window.wubu;

  // Between the label and what is said below stands the box itself.
  const box = (field) => [...field.childNodes].filter((n) => !n.matches?.("label, .w-wrong, .w-help"));
  const plain = (field) => !field.querySelector(":scope > .w-fixed, :scope > .w-inert");
  const SAID = ["aria-required", "data-required", "aria-describedby"];
  const carry = (old, now) => {
    if (!plain(old) || !plain(now)) return;
    const fresh = box(now);
    const same = box(old);
    const [from, to] = [fresh, same].map((nodes) => nodes.map((n) => n.matches?.("input:not([type=hidden]), select, textarea, trix-editor") ? n : n.querySelector?.("input:not([type=hidden]), select, textarea, trix-editor")).find(Boolean));
    if (!from || !to || from.tagName !== to.tagName) return;
    SAID.forEach((name) => { if (from.hasAttribute(name)) to.setAttribute(name, from.getAttribute(name)); else to.removeAttribute(name); });
    const [limits, combo] = [fresh, same].map((nodes) => nodes.find((n) => n.matches?.("[data-combo]")));
    if (limits && combo) { if ("limits" in limits.dataset) combo.dataset.limits = limits.dataset.limits; else delete combo.dataset.limits; }
    fresh[0].before(...same);
    fresh.forEach((n) => n.remove());
  };
  const heads = (lines) => [...lines.querySelectorAll("thead th")].map((th) => `${th.dataset.key}${th.dataset.item || ""}`).join();
  const rows = (old, now) => {
    if (heads(old) !== heads(now) || old.querySelector("tbody .w-inert")) return;
    now.querySelector("tbody").replaceWith(old.querySelector("tbody"));
  };

  const focused = (form) => {
    const at = document.activeElement;
    if (!form.contains(at)) return null;
    let caret = null;
    try { caret = [at.selectionStart, at.selectionEnd]; } catch { /* a box without a caret */ }
    return { at, id: at.id, name: at.name, caret };
  };
  const back = (form, was) => {
    if (!was) return;
    const found = (form.contains(was.at) && was.at) || (was.id && form.querySelector(`#${CSS.escape(was.id)}`)) || (was.name && [...form.elements].find((f) => f.name === was.name && f.type !== "hidden"));
    const seen = found && found.offsetParent !== null;
    if (!seen) {
      // The box is gone: on to what is said about it, from where Tab leads into the form.
      const note = form.querySelector("[data-laid-said]");
      note.tabIndex = -1;
      note.focus();
      return;
    }
    if (document.activeElement !== found) found.focus({ preventScroll: true });
    try { if (was.caret?.[0] !== null && was.caret) found.setSelectionRange(...was.caret); } catch { /* no caret */ }
  };

  const swap = (form, answer) => {
    const laid = form.querySelector("[data-laid]");
    const was = focused(form);
    const holder = document.createElement("div");
    holder.className = laid.className;
    holder.dataset.laid = "";
    holder.append(...answer.childNodes);
    laid.after(holder); // both stand in the page for a moment, so that boxes move and do not reload
    const there = new Map([...laid.querySelectorAll(".w-field[data-field]")].map((f) => [f.dataset.field, f]));
    holder.querySelectorAll(".w-field[data-field]").forEach((f) => { if (there.has(f.dataset.field)) carry(there.get(f.dataset.field), f); });
    const lines = new Map([...laid.querySelectorAll("[data-lines]")].map((l) => [l.dataset.lines, l]));
    holder.querySelectorAll("[data-lines]").forEach((l) => { if (lines.has(l.dataset.lines)) rows(lines.get(l.dataset.lines), l); });
    laid.remove();
    form.querySelectorAll("[data-carried]").forEach((f) => f.remove());
    form.elements.layout.value = answer.dataset.layout;
    holder.querySelectorAll("[data-grow]").forEach((area) => { area.style.height = "auto"; area.style.height = `${area.scrollHeight + 2}px`; });
    const note = form.querySelector("[data-laid-said]");
    note.textContent = answer.dataset.said;
    back(form, was);
  };

  // Asked for when the server says that another layout fits; whoever types on is waited for.
  window.wubu.relayForm = async (form, again) => {
    if (form.relaying) return;
    form.relaying = true;
    const body = content(form);
    const sent = body.toString();
    (form.touchedNames?.() || []).forEach((name) => body.append("live:touched", name));
    try {
      const url = form.dataset.compute.replace(/compute$/, "layout");
      const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (content(form).toString() !== sent) { again(); return; }
      swap(form, document.importNode(page.querySelector("[data-answer]"), true));
      form.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "relaid" }));
      again();
    } catch { /* without the server the form stays as it is; saving asks again */ } finally { form.relaying = false; }
  };
})();
