// Inputs of richer fields: addresses, locations, pictures, signatures, ratings, rich text, choices that narrow each other.
(() => {
  "use strict";
  const from = document.currentScript.dataset;
  const { say, cookie, toast } = window.wubu;
  const changed = (element) => element.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "chosen" }));

  const scripts = new Map();
  const load = (source) => {
    if (!scripts.has(source)) {
      scripts.set(source, new Promise((done, failed) => {
        document.head.append(Object.assign(document.createElement("script"), { src: source, onload: done, onerror: failed }));
      }));
    }
    return scripts.get(source);
  };

  // --- Addresses: province, city and district, each by typing its name or its pinyin initials
  let divisions;
  const tree = () => (divisions ||= fetch(from.divisions).then((answer) => answer.json()));
  const LEVELS = ["province", "city", "district"];
  const SHORT = /(特别行政区|自治区|自治州|地区|省|市|盟)$/;
  const is = (entry, text) => entry[0] === text || entry[0].replace(SHORT, "") === text;
  const boxes = (holder) => Object.fromEntries(LEVELS.map((level) => [level, holder.querySelector(`[data-suggest=${level}] input`)]));
  const offered = async (holder, level) => {
    const all = await tree();
    const has = boxes(holder);
    if (level === "province") return all;
    const province = all.find((entry) => is(entry, has.province.value.trim()));
    if (level === "city") return province ? province[2] : all.flatMap((entry) => entry[2]);
    const cities = province ? province[2] : all.flatMap((entry) => entry[2]);
    const city = cities.find((entry) => is(entry, has.city.value.trim()));
    return city ? city[2] : province ? province[2].flatMap((entry) => entry[2]) : [];
  };
  const shut = (combo) => {
    combo.querySelector(".w-combo-list").hidden = true;
    combo.querySelector("input").setAttribute("aria-expanded", "false");
  };
  const take = async (combo, name) => {
    const holder = combo.closest("[data-address]");
    const has = boxes(holder);
    const level = combo.dataset.suggest;
    has[level].value = name;
    shut(combo);
    const all = await tree();
    if (level === "province") { has.city.value = ""; has.district.value = ""; }
    if (level === "city") {
      has.district.value = "";
      if (!has.province.value) has.province.value = all.find((p) => p[2].some((c) => c[0] === name))?.[0] || "";
    }
    if (level === "district" && !has.city.value) {
      const province = all.find((entry) => is(entry, has.province.value.trim()));
      has.city.value = province?.[2].find((c) => c[2].some((d) => d[0] === name))?.[0] || "";
    }
    const [only] = level === "province" ? all.find((p) => p[0] === name)[2] : [];
    if (only?.[0] === name) has.city.value = name; // 北京市 is its own city
    changed(has[level]);
  };
  const suggest = async (combo, everything) => {
    const box = combo.querySelector("input");
    const list = combo.querySelector(".w-combo-list");
    const entries = await offered(combo.closest("[data-address]"), combo.dataset.suggest);
    if (document.activeElement !== box) return;
    const words = everything ? "" : box.value.trim().toLowerCase();
    const found = entries.filter(([name, initials]) => !words || name.includes(words) || initials.startsWith(words));
    list.textContent = "";
    for (const [name] of found.slice(0, 60)) {
      const option = Object.assign(document.createElement("div"), { className: "w-combo-item", textContent: name });
      option.setAttribute("role", "option");
      option.onmousedown = (event) => { event.preventDefault(); take(combo, name); };
      list.append(option);
    }
    list.hidden = !list.children.length;
    box.setAttribute("aria-expanded", String(!list.hidden));
  };
  const suggesting = (target) => target.closest?.("[data-suggest]");
  document.addEventListener("focusin", ({ target }) => { if (suggesting(target)) { target.select?.(); suggest(suggesting(target), true); } });
  document.addEventListener("focusout", ({ target }) => { const combo = suggesting(target); if (combo) setTimeout(() => shut(combo), 120); });
  document.addEventListener("input", ({ target, isTrusted }) => { if (isTrusted && suggesting(target)) suggest(suggesting(target)); });
  document.addEventListener("keydown", (event) => {
    const combo = suggesting(event.target);
    if (!combo) return;
    const list = combo.querySelector(".w-combo-list");
    const items = [...list.children];
    const at = items.findIndex((item) => item.classList.contains("is-on"));
    if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      if (list.hidden) { suggest(combo, true); return; }
      const next = (at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length;
      items.forEach((item, n) => { item.classList.toggle("is-on", n === next); item.setAttribute("aria-selected", n === next); });
      items[next]?.scrollIntoView({ block: "nearest" });
    } else if (["Enter", "Tab"].includes(event.key) && !list.hidden && event.target.value.trim()) {
      // What is lit, or the only thing that what was typed can mean.
      const chosen = items[at] || (items.length === 1 || event.key === "Enter" ? items[0] : null);
      if (event.key === "Enter") event.preventDefault();
      if (chosen && chosen.textContent !== event.target.value) take(combo, chosen.textContent);
      else shut(combo);
    } else if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); event.preventDefault(); shut(combo); }
  });
  // A whole address pasted into one box is taken apart by the server when it is saved: leave the others empty for it.
  document.addEventListener("paste", (event) => {
    const holder = event.target.closest?.("[data-address]");
    const text = event.clipboardData?.getData("text").trim() || "";
    if (!holder || text.length < 6 || !suggesting(event.target)) return;
    event.preventDefault();
    const street = holder.querySelector("[name$=':street']");
    Object.values(boxes(holder)).forEach((box) => { box.value = ""; });
    street.value = text;
    street.focus();
    changed(street);
  });

  // --- Locations: where this device is
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-here]");
    if (!button) return;
    const holder = button.closest("[data-location]");
    const put = (name, value) => { const box = holder.querySelector(`[name$=':${name}']`); box.value = value; changed(box); };
    const fail = (message) => { button.disabled = false; toast({ tone: "bad", message }); };
    if (!navigator.geolocation || !window.isSecureContext) {
      fail(say("这台设备不能提供位置：请用 https 打开，或手工填写。", "This device cannot give a position; open the page over https, or enter it."));
      return;
    }
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { button.disabled = false; put("lat", coords.latitude.toFixed(6)); put("lng", coords.longitude.toFixed(6)); },
      ({ code }) => fail(code === 1
        ? say("没有得到位置权限：请在浏览器设置中允许。", "Access to your position was denied; allow it in the browser's settings.")
        : say("暂时得不到位置，请稍后再试或手工填写。", "Your position is not available now; try again, or enter it.")),
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
    );
  });

  // --- Pictures: made smaller before they go up, shown at once
  const SIDE = 2000;
  const smaller = async (file) => {
    if (!/^image\/(png|jpeg|webp|heic|heif)$/.test(file.type) || file.size < 4e5) return file;
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
      const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) });
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.86); });
      return blob && blob.size < file.size ? new File([blob], `${file.name.replace(/\.\w+$/, "")}.jpg`, { type: "image/jpeg" }) : file;
    } catch { return file; }
  };
  const send = async (file) => {
    const body = new FormData();
    body.append("file", file);
    const answer = await fetch("/files", { method: "POST", body, headers: { "X-CSRFToken": cookie("csrftoken"), "HX-Request": "true", "HX-Request-Type": "partial" } });
    if (answer.ok) return answer.json();
    toast({ tone: "bad", message: say(`“${file.name}”没有上传成功。`, `“${file.name}” could not be uploaded.`) });
    return null;
  };
  document.addEventListener("change", async ({ target }) => {
    const holder = target.closest?.("[data-pictures]");
    if (!holder || target.type !== "file") return;
    const chosen = holder.querySelector(".w-pictures-chosen");
    const most = Number(holder.dataset.most) || 20;
    holder.classList.add("is-busy");
    for (const file of target.files) {
      if (chosen.children.length >= most) { toast({ tone: "bad", message: say(`最多 ${most} 张。`, `At most ${most} of them.`) }); break; }
      const kept = await send(await smaller(file));
      if (!kept) continue;
      const tag = Object.assign(document.createElement("span"), { className: "w-picture" });
      const drop = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
      drop.setAttribute("aria-label", say(`移除 ${kept.name}`, `Remove ${kept.name}`));
      drop.dataset.pictureDrop = "";
      tag.append(
        Object.assign(document.createElement("input"), { type: "hidden", name: holder.dataset.pictures, value: `id:${kept.id}` }),
        Object.assign(document.createElement("img"), { src: `/files/${kept.id}/small`, alt: kept.name }),
        drop,
      );
      chosen.append(tag);
    }
    holder.classList.remove("is-busy");
    target.value = "";
    changed(chosen);
  });
  document.addEventListener("click", ({ target }) => {
    const drop = target.closest?.("[data-picture-drop]");
    if (!drop) return;
    const form = drop.closest("form");
    drop.parentElement.remove();
    if (form) changed(form);
  });

  // --- Signatures: drawn on a canvas, kept as a picture
  const pads = new WeakMap();
  const sized = (canvas) => {
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
  };
  const signing = (holder, on) => {
    holder.querySelector(".w-pad").hidden = !on;
    holder.querySelector(".w-signed").hidden = on;
    holder.querySelector("[data-sign]").hidden = on;
    holder.querySelectorAll("[data-sign-done], [data-sign-clear]").forEach((button) => { button.hidden = !on; });
  };
  document.addEventListener("click", async ({ target }) => {
    const holder = target.closest?.("[data-signature]");
    if (!holder) return;
    if (target.closest("[data-sign]")) {
      await load(from.pad);
      signing(holder, true);
      const canvas = holder.querySelector("canvas");
      sized(canvas);
      const pad = pads.get(holder) || new window.SignaturePad(canvas, { penColor: "#111", minWidth: 0.8, maxWidth: 2.6 });
      pad.clear();
      pads.set(holder, pad);
      pad.addEventListener("beginStroke", () => { holder.querySelector(".w-pad-hint").hidden = true; }, { once: true });
    } else if (target.closest("[data-sign-clear]")) {
      const pad = pads.get(holder);
      if (pad.isEmpty()) {
        holder.querySelectorAll(".w-signed > *").forEach((old) => old.remove());
        signing(holder, false);
        changed(holder.closest("form") || holder);
      } else pad.clear();
    } else if (target.closest("[data-sign-done]")) {
      const pad = pads.get(holder);
      if (pad.isEmpty()) { signing(holder, false); return; }
      const blob = await new Promise((done) => { holder.querySelector("canvas").toBlob(done, "image/png"); });
      const day = new Date().toISOString().slice(0, 10);
      const kept = await send(new File([blob], `signature-${day}.png`, { type: "image/png" }));
      if (!kept) return;
      const signed = holder.querySelector(".w-signed");
      signed.textContent = "";
      signed.append(
        Object.assign(document.createElement("input"), { type: "hidden", name: holder.dataset.signature, value: `id:${kept.id}` }),
        Object.assign(document.createElement("img"), { src: `/files/${kept.id}?view=1`, alt: "" }),
      );
      signing(holder, false);
      changed(holder.closest("form") || holder);
    }
  });

  // --- Ratings: the stars up to the chosen one are lit by the style sheet
  document.addEventListener("click", ({ target }) => {
    const clear = target.closest?.("[data-rating-clear]");
    if (!clear) return;
    const holder = clear.closest("[data-rating]");
    holder.querySelectorAll("input[type=radio]").forEach((radio) => { radio.checked = false; });
    changed(holder);
  });

  // --- Rich text: Trix, loaded only where there is one; what it writes is cleaned by the server
  const WORDS = {
    bold: "粗体", italic: "斜体", strike: "删除线", link: "链接", heading1: "标题", quote: "引用", code: "代码", bullets: "项目符号",
    numbers: "编号", outdent: "减少缩进", indent: "增加缩进", undo: "撤销", redo: "重做", unlink: "取消链接", urlPlaceholder: "输入网址…", url: "网址",
  };
  document.addEventListener("trix-before-initialize", () => {
    if (document.documentElement.dataset.lang === "zh") Object.assign(window.Trix.config.lang, WORDS);
  });
  document.addEventListener("trix-initialize", ({ target }) => {
    const bar = target.toolbarElement;
    bar?.querySelector("[data-trix-button-group=file-tools]")?.remove();
    bar?.querySelectorAll("input[type=url]").forEach((box) => { box.placeholder = window.Trix.config.lang.urlPlaceholder; });
    // A link dialog's own box belongs to the editor, not to the form.
    bar?.querySelectorAll("[name]").forEach((box) => box.removeAttribute("name"));
  });
  document.addEventListener("trix-file-accept", (event) => { event.preventDefault(); noPictures(); });
  // What comes from another page is looked through before it stands in the editor: a parsed
  // document runs and loads nothing. Pictures belong into a field of their own.
  const noPictures = () => toast({ tone: "warn", message: say("富文本里不放图片：请上传到图片或附件字段。", "Rich text holds no pictures: upload them to a field for pictures or files.") });
  document.addEventListener("trix-before-paste", ({ paste }) => {
    if (!paste?.html) return;
    const page = new DOMParser().parseFromString(paste.html, "text/html");
    const pictures = page.querySelectorAll("img, picture, figure, svg, video");
    page.querySelectorAll("script, style, link, meta, iframe, object, embed, form, input, button, img, picture, figure, svg, video, audio").forEach((x) => x.remove());
    page.querySelectorAll("*").forEach((x) => [...x.attributes].forEach(({ name, value }) => {
      if (name !== "href" || !/^(https?:|mailto:|tel:)/i.test(value.trim())) x.removeAttribute(name);
    }));
    paste.html = page.body.innerHTML;
    if (pictures.length) noPictures();
  });
  document.addEventListener("trix-change", ({ target }) => { if (target.contains(document.activeElement)) changed(target.inputElement); });
  const editors = (root) => {
    if (!root.querySelector?.("trix-editor") && !root.matches?.("trix-editor")) return;
    if (!document.querySelector("link[data-trix]")) {
      const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: from.editorCss });
      sheet.dataset.trix = "";
      document.head.prepend(sheet);
    }
    load(from.editor);
  };

  // --- Choices that narrow each other: what stands under another option is not offered
  const upper = (element) => {
    const form = element.closest("form");
    const found = form?.elements[element.dataset.above];
    if (!found) return null;
    const all = found instanceof RadioNodeList ? [...found] : [found];
    return new Set(all.filter((one) => (one.type !== "checkbox" || one.checked) && one.type !== "submit").map((one) => one.value).filter(Boolean));
  };
  const narrow = (element) => {
    const above = upper(element);
    if (!above) return;
    element.querySelectorAll("[data-parent]").forEach((option) => {
      const fits = !above.size || above.has(option.dataset.parent);
      option.hidden = !fits;
      if (option.tagName === "OPTION") option.disabled = !fits;
      const box = option.querySelector?.("input");
      if (!fits && option.selected) { element.value = ""; changed(element); }
      if (!fits && box?.checked) { box.checked = false; changed(box); }
    });
  };
  const narrowed = (root) => root.querySelectorAll?.("select[data-above], .w-chips[data-above]").forEach(narrow);
  document.addEventListener("input", ({ target }) => { if (target.name) narrowed(target.closest("form") || document); });

  const ready = (root) => { editors(root); narrowed(root); };
  document.addEventListener("DOMContentLoaded", () => ready(document));
  new MutationObserver((seen) => seen.forEach(({ addedNodes }) => addedNodes.forEach((node) => { if (node.nodeType === 1) ready(node); })))
    .observe(document.documentElement, { childList: true, subtree: true });
})();
