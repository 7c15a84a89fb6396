// A new record from a link field, without leaving the form: a dialog with the few fields it takes.
(() => {
  "use strict";
  const { say, cookie, toast } = window.wubu;
  const headers = () => ({ "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href });
  const draw = (dialog, html) => {
    dialog.innerHTML = html;
    window.wubu.beginForms?.(dialog);
    (dialog.querySelector(".is-bad") || [...dialog.querySelectorAll("input:not([type=hidden]), select, textarea")].find((f) => !f.value) || dialog.querySelector("input:not([type=hidden]), button"))?.focus();
  };
  window.wubu.quickCreate = async (url, words, chosen, back) => {
    const answer = await fetch(`${url}?title=${encodeURIComponent(words)}`, { headers: headers() });
    if (!answer.ok) {
      try { toast(JSON.parse(answer.headers.get("HX-Trigger")).toast); } catch { toast({ tone: "bad", message: say("现在不能新建。", "It cannot be created now.") }); }
      return;
    }
    const dialog = Object.assign(document.createElement("dialog"), { className: "w-dialog w-quick" });
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); back?.focus(); });
    dialog.addEventListener("click", ({ target }) => { if (target.closest("[data-quick-close]")) dialog.close(); });
    dialog.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopPropagation();
      const form = /** @type {HTMLFormElement} */ (event.target);
      const sent = await fetch(url, { method: "POST", body: window.wubu.body(form), headers: headers() });
      if (sent.ok) { chosen(await sent.json()); dialog.close(); return; }
      if (sent.status === 422) { draw(dialog, await sent.text()); return; }
      if (sent.status === 401) { location.href = sent.headers.get("HX-Redirect") || "/login"; return; }
      try { toast(JSON.parse(sent.headers.get("HX-Trigger")).toast); } catch { toast({ tone: "bad", message: say("没有创建成功。", "It could not be created.") }); }
    });
    dialog.showModal();
    draw(dialog, await answer.text());
  };
})();
