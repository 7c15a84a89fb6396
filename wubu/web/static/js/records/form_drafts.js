// Drafts: what is typed is kept on the server within a second or two, on the device when the server
// cannot be reached or the sign-in has expired. Saving the record lets both go.
(() => {
  "use strict";
  const { say, cookie } = window.wubu;
  const WAIT = 1200;
  const state = new WeakMap();
  const of = (form) => { if (!state.has(form)) state.set(form, { timer: 0, under: null, last: "" }); return state.get(form); };
  const said = (form, words) => { const note = form.querySelector("[data-kept]"); if (note) note.textContent = words; };
  const content = (form) => {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    return body;
  };
  const keep = async (form, leaving = false) => {
    const its = of(form);
    if (form.dataset.sent) return;
    const body = content(form);
    const words = body.toString();
    if (words === its.last) return;
    its.under?.abort();
    its.under = leaving ? null : new AbortController();
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST", body, keepalive: leaving && words.length < 60000, signal: its.under?.signal,
        headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const { at } = await answer.json();
      its.last = words;
      window.wubu.dropDraft(form);
      said(form, say(`草稿已保存 ${at}`, `Draft saved at ${at}`));
    } catch (error) {
      // The device keeps it (app.js); it is sent again with the next letter.
      if (error.name !== "AbortError") said(form, say("草稿已保存在本机", "Draft saved on this device"));
    }
  };
  document.addEventListener("input", ({ target }) => {
    const form = target.closest?.("form[data-keep]");
    if (!form) return;
    clearTimeout(of(form).timer);
    of(form).timer = setTimeout(() => keep(form), WAIT);
  });
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("form[data-keep]")) return;
    clearTimeout(of(target).timer);
    of(target).under?.abort();
    target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-keep]").forEach((form) => { delete form.dataset.sent; }));
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) document.querySelectorAll("form[data-keep][data-dirty]").forEach((form) => keep(form, true));
  });
  addEventListener("online", () => document.querySelectorAll("form[data-keep][data-dirty]").forEach((form) => keep(form)));
  document.addEventListener("click", async ({ target }) => {
    const forget = target.closest?.("[data-draft-forget]");
    if (!forget) return;
    forget.disabled = true;
    const form = forget.closest("form");
    const answer = await window.wubu.post(`/drafts/${forget.dataset.draftForget}/drop`);
    if (!answer.ok) { forget.disabled = false; return; }
    if (forget.dataset.then === "leave") {
      form.dataset.sent = "1";
      window.wubu.dropDraft(form);
      location.assign(location.pathname);
    } else forget.closest(".w-alert, .w-draft-row")?.remove();
  });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("form[data-keep]").forEach((form) => {
    of(form).last = form.dataset.restored || form.dataset.refused ? "" : content(form).toString();
  }));
})();
