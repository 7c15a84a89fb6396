// Small behaviours shared by every page. No inline handlers: the page's CSP forbids them.
(() => {
  "use strict";
  const root = document.documentElement;
  const zh = root.dataset.lang === "zh";
  const say = (chinese, english) => (zh ? chinese : english);
  const on = (name, selector, run) =>
    document.addEventListener(name, (event) => {
      const found = event.target.closest?.(selector);
      if (found) run(event, found);
    });
  const cookie = (name) =>
    decodeURIComponent((document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1] || "");
  const keep = (name, value) => {
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
  };
  /** @type {Wubu} */
  const wubu = (window.wubu = /** @type {any} */ ({ say, cookie, keep }));

  // --- Cross-site token: always the newest, also in a tab that was open before signing in again
  document.addEventListener("htmx:config:request", ({ detail }) => {
    if (detail.ctx.request.method !== "GET") detail.ctx.request.headers["X-CSRFToken"] = cookie("csrftoken");
  });
  document.addEventListener("submit", ({ target }) => {
    const token = target.elements?.csrfmiddlewaretoken;
    if (token && cookie("csrftoken")) token.value = cookie("csrftoken");
  }, true);
  /** What a form would send, without its files. */
  wubu.body = (form) => {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    return body;
  };
  wubu.post = (url, values = {}) =>
    fetch(url, {
      method: "POST",
      body: new URLSearchParams(/** @type {any} */ (values)),
      headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href },
    });

  // --- Theme and sidebar
  on("click", "[data-action=theme]", () => {
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = root.dataset.themeChoice = next;
    keep("wubu_theme", next);
    document.dispatchEvent(new Event("theme"));
  });
  on("click", "[data-action=sidebar]", () => {
    keep("wubu_side", document.body.classList.toggle("w-narrow") ? "narrow" : "wide");
    dispatchEvent(new Event("resize"));
  });

  // --- Toasts: from a redirect (cookie), from htmx (HX-Trigger) or from a script
  wubu.toast = ({ message, tone = "", undo = "" }) => {
    const box = document.getElementById("toasts");
    const toast = document.createElement("div");
    toast.className = `w-toast ${tone ? `is-${tone}` : ""}`;
    const words = document.createElement("span");
    words.textContent = message;
    toast.append(words);
    if (undo) {
      const form = document.createElement("form");
      form.method = "post";
      form.action = undo;
      const token = Object.assign(document.createElement("input"), { type: "hidden", name: "csrfmiddlewaretoken", value: cookie("csrftoken") });
      const button = Object.assign(document.createElement("button"), { textContent: box.dataset.undo });
      form.append(token, button);
      toast.append(form);
    }
    const close = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    close.setAttribute("aria-label", box.dataset.close);
    close.onclick = () => toast.remove();
    toast.append(close);
    box.append(toast);
    setTimeout(() => toast.remove(), undo ? 12000 : tone === "bad" ? 10000 : 5000);
  };
  document.addEventListener("toast", ({ detail }) => wubu.toast(detail));
  const flash = cookie("wubu_flash");
  if (flash) {
    document.cookie = "wubu_flash=; path=/; max-age=0";
    try { wubu.toast(JSON.parse(flash)); } catch { /* a cookie that is not ours */ }
  }
  document.addEventListener("htmx:error", () =>
    wubu.toast({ tone: "bad", message: say("没有连上服务器，请检查网络后重试。", "The server could not be reached. Check the network and try again.") }));

  // --- Search: "/" from anywhere, arrows through the results
  const search = document.getElementById("search");
  const results = document.getElementById("search-results");
  const typing = (el) => el.closest("input, textarea, select, [contenteditable=true]");
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && search && !typing(event.target) && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  if (search) {
    const open = (yes) => {
      results.hidden = !yes;
      search.setAttribute("aria-expanded", yes);
    };
    // The event comes from the box that asked, not from the list that changed.
    search.addEventListener("htmx:after:swap", () => open(search.value.trim() !== ""));
    document.addEventListener("click", (event) => { if (!event.target.closest("[data-search]")) open(false); });
    search.addEventListener("focus", () => { if (search.value.trim() && results.children.length) open(true); });
    search.addEventListener("keydown", (event) => {
      const items = [...results.querySelectorAll("[role=option]")];
      const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
      if (event.key === "Escape") { open(false); search.blur(); }
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && items.length) {
        event.preventDefault();
        const next = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
        items.forEach((item, i) => item.setAttribute("aria-selected", i === next));
        items[next].scrollIntoView({ block: "nearest" });
        search.setAttribute("aria-activedescendant", items[next].id);
      }
      if (event.key === "Enter" && at >= 0) { event.preventDefault(); items[at].click(); }
    });
  }

  // --- Live: one stream per visible page; elements listen with hx-trigger="live:opportunity from:body"
  let stream = null;
  const wanted = () => document.querySelector("[data-live]");
  const listen = () => {
    if (document.hidden || !wanted()) { stream?.close(); stream = null; return; }
    if (stream) return;
    stream = new EventSource("/live");
    stream.addEventListener("changed", ({ data }) => {
      for (const key of JSON.parse(data).objects) {
        document.body.dispatchEvent(new CustomEvent(`live:${key}`, { bubbles: false }));
      }
    });
  };
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => { stream?.close(); stream = null; });
  addEventListener("pageshow", listen);

  // --- Drafts: what is typed into form[data-draft] stays on the device until it is saved
  const draftKey = (form) => `wubu:draft:${document.body.dataset.member || ""}:${form.dataset.draft}`;
  const fields = (form) => [...form.elements].filter((f) =>
    f.name && !["csrfmiddlewaretoken", "version", "slot", "layout", "record", "draft"].includes(f.name) && !["password", "file", "submit", "button"].includes(f.type));
  const saveDraft = (form) => {
    const values = fields(form).map((f) => [f.name, f.type === "checkbox" || f.type === "radio" ? (f.checked ? f.value : null) : f.multiple ? [...f.selectedOptions].map((o) => o.value) : f.value]);
    try { localStorage.setItem(draftKey(form), JSON.stringify({ at: Date.now(), values })); } catch { /* storage full or forbidden */ }
  };
  let pending;
  document.addEventListener("input", ({ target }) => {
    const form = target.closest?.("form[data-draft]");
    if (!form) return;
    form.dataset.dirty = "1";
    clearTimeout(pending);
    pending = setTimeout(() => saveDraft(form), 300);
  });
  addEventListener("beforeunload", () => document.querySelectorAll("form[data-draft][data-dirty]").forEach(saveDraft));
  wubu.dropDraft = (form) => {
    clearTimeout(pending);
    delete form.dataset.dirty;
    try { localStorage.removeItem(draftKey(form)); } catch { /* nothing kept */ }
  };
  wubu.restoreDraft = (form) => {
    let draft;
    try { draft = JSON.parse(localStorage.getItem(draftKey(form)) || "null"); } catch { draft = null; }
    if (!draft || Date.now() - draft.at > 7 * 86400000) return false;
    // Lines that were added come back first, with the numbers they had
    for (const [name, value] of draft.values) {
      const part = name.match(/^parts:(\w+):row$/)?.[1];
      const lines = part && form.querySelector(`[data-lines="${part}"]`);
      if (!lines || [...lines.querySelectorAll(`[name="${name}"]`)].some((row) => row.value === value)) continue;
      const holder = document.createElement("tbody");
      holder.innerHTML = lines.querySelector("template").innerHTML.replaceAll("__", value);
      lines.querySelector("tbody").append(holder.firstElementChild);
    }
    const counts = {};
    for (const [name, value] of draft.values) {
      const all = fields(form).filter((f) => f.name === name);
      const field = all[(counts[name] = (counts[name] ?? -1) + 1)];
      if (!field) continue;
      if (field.type === "checkbox" || field.type === "radio") field.checked = value !== null;
      else if (field.multiple) [...field.options].forEach((o) => { o.selected = (value || []).includes(o.value); });
      else field.value = value ?? "";
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    return true;
  };
  const offerDrafts = () => document.querySelectorAll("form[data-draft]").forEach((form) => {
    const key = draftKey(form);
    if (form.dataset.saved === "1") { localStorage.removeItem(key); return; }
    let draft;
    try { draft = JSON.parse(localStorage.getItem(key) || "null"); } catch { draft = null; }
    const differs = draft && draft.values.some(([name, value]) => {
      if (/^parts:\w+:row$/.test(name)) return ![...form.elements].some((f) => f.name === name && f.value === value);
      const field = fields(form).find((f) => f.name === name);
      return field && !["checkbox", "radio"].includes(field.type) && !field.multiple && (value ?? "") !== field.value;
    });
    const bar = form.querySelector("[data-draft-bar]");
    if (!differs || !bar || form.dataset.refused === "1") return;
    bar.hidden = false;
    bar.querySelector("[data-draft-use]").onclick = () => { wubu.restoreDraft(form); bar.hidden = true; form.dataset.dirty = "1"; };
    bar.querySelector("[data-draft-drop]").onclick = () => { localStorage.removeItem(key); bar.hidden = true; };
  });
  const saved = cookie("wubu_saved"); // the server names the draft that is now a record
  if (saved) {
    document.cookie = "wubu_saved=; path=/; max-age=0";
    try { localStorage.removeItem(`wubu:draft:${document.body.dataset.member || ""}:${saved}`); } catch { /* nothing kept */ }
  }

  // --- The matrix of a role: colour by width, a condition where one is asked for
  on("change", ".w-matrix select", (_, select) => {
    select.dataset.scope = select.value;
    const row = select.closest("tr").nextElementSibling;
    if (row?.classList.contains("w-condition") && select.value === "condition") row.hidden = false;
  });

  // --- Small helpers used by several pages
  on("change", "[data-autosubmit]", (_, field) => field.form.requestSubmit());
  on("click", "[data-back]", (event) => { if (history.length > 1) { event.preventDefault(); history.back(); } });
  on("click", "[data-confirm]", (event, el) => { if (!confirm(el.dataset.confirm)) { event.preventDefault(); event.stopImmediatePropagation(); } });
  on("click", "[data-copy]", async (_, el) => {
    await navigator.clipboard.writeText(el.dataset.copy);
    wubu.toast({ message: say("已复制", "Copied") });
  });
  on("click", "tr[data-href]", (event, row) => {
    if (event.target.closest("a, button, input, label, select") || getSelection().toString()) return;
    if (event.metaKey || event.ctrlKey) window.open(row.dataset.href); else location.href = row.dataset.href;
  });

  // --- A list remembers how it was looked at, so that its records know their neighbours
  const keepList = () => {
    const key = location.pathname.match(/^\/o\/(\w+)\/(board|calendar|gallery|timeline|locations)?$/)?.[1];
    if (key) try { sessionStorage.setItem(`wubu:list:${key}`, location.pathname + location.search); } catch { /* no storage */ }
  };
  document.addEventListener("htmx:after:swap", keepList);
  addEventListener("pagehide", keepList);

  document.addEventListener("DOMContentLoaded", () => { listen(); offerDrafts(); keepList(); });
  document.addEventListener("htmx:after:swap", listen);
})();
