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

  // --- The timeline: narrowed to a kind, fresh when something happens, never while one writes in it
  const story = document.getElementById("p-timeline");
  const list = document.getElementById("story-list");
  let late = false;
  const refresh = async () => {
    if (!story || !list) return;
    if (list.querySelector(".w-comment-edit:not([hidden])")) { late = true; return; }
    late = false;
    const kind = story.querySelector("[data-story-kind]").value;
    const answer = await fetch(`${story.dataset.base}/timeline?kind=${encodeURIComponent(kind)}`, { headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href } });
    if (!answer.ok) return;
    list.innerHTML = await answer.text();
    htmx.process(list);
  };
  let soon;
  const refreshSoon = () => { clearTimeout(soon); soon = setTimeout(refresh, 120); };
  if (story) {
    story.dataset.live.split(" ").forEach((key) => document.body.addEventListener(`live:${key}`, refreshSoon));
    story.querySelector("[data-story-kind]").addEventListener("change", refresh);
  }

  // --- Comments: said without leaving the page; one's own are changed in place
  document.addEventListener("submit", async (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.id !== "say" || event.defaultPrevented) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const answer = await wubu.post(form.action, Object.fromEntries(new FormData(form))).catch(() => null);
    button.disabled = false;
    if (answer?.ok) {
      form.reset();
      form.mentions.value = "";
      fit(form.text);
      delete form.dataset.dirty;
      try { localStorage.removeItem(`wubu:draft:${document.body.dataset.member || ""}:${form.dataset.draft}`); } catch { /* nothing kept */ }
      refresh();
      return;
    }
    let told = null;
    try { told = JSON.parse(answer.headers.get("HX-Trigger")).toast; } catch { /* no words came */ }
    wubu.toast(told || { message: wubu.say("没有发出去，请再试一次", "It was not sent; try again"), tone: "bad" });
  });
  document.addEventListener("click", async ({ target }) => {
    const edit = target.closest?.("[data-comment-edit]");
    const cancel = target.closest?.("[data-comment-cancel]");
    const versions = target.closest?.("[data-versions]");
    const item = target.closest?.(".is-comment");
    if (edit || cancel) {
      item.querySelector(".w-comment-edit").hidden = !edit;
      item.querySelector(".w-said-text").hidden = !!edit;
      if (edit) item.querySelector("textarea").focus(); else if (late) refresh();
    }
    if (versions) {
      const place = item.querySelector("[data-versions-here]");
      place.innerHTML = place.innerHTML ? "" : await (await fetch(versions.dataset.versions)).text();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.("#say textarea, .w-comment-edit textarea")) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });
  const fit = (area) => { area.style.height = ""; if (area.value) area.style.height = `${Math.min(area.scrollHeight + 2, 320)}px`; };
  document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-mention]")) fit(target); });

  // --- @: colleagues who may see the record, chosen by mouse or keys
  let menu = null, at = 0, asked = 0;
  const close = () => { menu?.remove(); menu = null; };
  const before = (area) => area.value.slice(0, area.selectionStart).match(/[@＠]([^\s@＠]{0,20})$/);
  const choose = (area, person) => {
    const found = before(area);
    if (!found) return close();
    const start = area.selectionStart - found[1].length;
    area.setRangeText(`${person.name} `, start, area.selectionStart, "end");
    const ids = area.form.mentions;
    if (ids) ids.value = [...new Set([...ids.value.split(",").filter(Boolean), person.id])].join(",");
    close();
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const offer = async (area) => {
    const found = before(area);
    if (!found) return close();
    const turn = ++asked;
    const answer = await fetch(`${area.dataset.mention}?q=${encodeURIComponent(found[1])}`);
    if (turn !== asked || !answer.ok) return;
    const { people } = await answer.json();
    close();
    if (!people.length) return;
    menu = document.createElement("div");
    menu.className = "w-mentions";
    menu.setAttribute("role", "listbox");
    at = 0;
    people.forEach((person, n) => {
      const item = document.createElement("div");
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(n === 0));
      item.append(Object.assign(document.createElement("strong"), { textContent: person.name }), Object.assign(document.createElement("small"), { textContent: person.login }));
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(area, person); });
      menu.append(item);
    });
    menu.people = people;
    area.after(menu);
  };
  document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-mention]")) offer(target); });
  document.addEventListener("keydown", (event) => {
    if (!menu || !event.target.matches?.("[data-mention]")) return;
    if (event.key === "Escape") { event.preventDefault(); close(); }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : -1) + menu.children.length) % menu.children.length;
      [...menu.children].forEach((item, n) => item.setAttribute("aria-selected", n === at));
    }
    if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") { event.preventDefault(); choose(event.target, menu.people[at]); }
  });
  document.addEventListener("focusout", ({ target }) => { if (target.matches?.("[data-mention]")) setTimeout(close, 150); });

  // --- Attachments in a window over the page
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("[data-preview]");
    const dialog = document.getElementById("preview");
    if (!dialog) return;
    if (event.target.closest?.("[data-preview-close]") || event.target === dialog) { dialog.close(); return; }
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const answer = await fetch(link.dataset.preview);
    if (!answer.ok) { location.href = link.href; return; }
    dialog.innerHTML = await answer.text();
    dialog.showModal();
  });
  document.getElementById("preview")?.addEventListener("close", ({ target }) => { target.innerHTML = ""; });

  // --- Before and after, in the list one came from
  const beside = document.getElementById("beside");
  let came = null;
  try { came = sessionStorage.getItem(`wubu:list:${beside?.dataset.object}`); } catch { /* no storage */ }
  if (beside && came) {
    fetch(`${beside.dataset.beside}?list=${encodeURIComponent(came)}`).then(async (answer) => {
      if (!answer.ok) return;
      const holder = document.createElement("div");
      holder.innerHTML = await answer.text();
      beside.replaceWith(holder.firstElementChild);
    }).catch(() => { /* the plain order stays */ });
  }
})();
