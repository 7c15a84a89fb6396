import assert from "node:assert/strict";
import { test } from "node:test";
import { page, press, type, wait } from "../page.js";

const FORM = `<form data-draft="customer:new"><input name="name"><input name="secret" type="password">
  <input type="checkbox" name="vip" value="1"><input name="version" value="3">
  <div data-draft-bar hidden><button type="button" data-draft-use>use</button><button type="button" data-draft-drop>drop</button></div></form>`;
const KEY = "wubu:draft::customer:new";
const load = (window) => window.document.dispatchEvent(new window.Event("DOMContentLoaded"));

test("words are those of the reader", () => {
  assert.equal(page("", [], { lang: "zh" }).wubu.say("保存", "Save"), "保存");
  assert.equal(page("", [], { lang: "en" }).wubu.say("保存", "Save"), "Save");
});

test("a cookie comes back as it was kept, and only by its whole name", () => {
  const { wubu } = page("");
  wubu.keep("wubu_side", "宽 a=b; c");
  assert.equal(wubu.cookie("wubu_side"), "宽 a=b; c");
  assert.equal(wubu.cookie("side"), "");
});

test("a form is sent without its files", () => {
  const { document, wubu } = page('<form><input name="a" value="1"><input name="a" value="2"><input type="file" name="f"></form>');
  assert.equal(wubu.body(document.querySelector("form")).toString(), "a=1&a=2");
});

test("a post carries the cross-site token and what is sent", async () => {
  const { wubu, requests } = page("");
  wubu.keep("csrftoken", "t0ken");
  await wubu.post("/x", { a: "1" });
  assert.equal(requests[0].url, "/x");
  assert.equal(requests[0].options.headers["X-CSRFToken"], "t0ken");
  assert.deepEqual(requests[0].body, [["a", "1"]]);
});

test("a toast says its words as text, and offers to undo", () => {
  const { document, wubu } = page("");
  wubu.toast({ message: "<b>Saved</b>", undo: "/undo/7" });
  const toast = document.querySelector(".w-toast");
  assert.equal(toast.querySelector("span").textContent, "<b>Saved</b>");
  assert.equal(toast.querySelector("b"), null);
  assert.equal(toast.querySelector("form").getAttribute("action"), "/undo/7");
  toast.querySelector("button[aria-label=Close]").click();
  assert.equal(document.querySelector(".w-toast"), null);
});

test("what is typed stays on the device, passwords and versions do not", async () => {
  const { window, document } = page(FORM);
  type(window, document.querySelector("[name=name]"), "芜湖通航");
  await wait(350);
  const { values } = JSON.parse(window.localStorage.getItem(KEY));
  assert.deepEqual(values, [["name", "芜湖通航"], ["vip", null]]);
});

test("a draft is offered once the page is there, and comes back whole", () => {
  const { window, document } = page(FORM);
  window.localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), values: [["name", "芜湖通航"], ["vip", "1"]] }));
  load(window);
  const bar = document.querySelector("[data-draft-bar]");
  assert.equal(bar.hidden, false);
  bar.querySelector("[data-draft-use]").click();
  assert.equal(document.querySelector("[name=name]").value, "芜湖通航");
  assert.equal(document.querySelector("[name=vip]").checked, true);
  assert.equal(bar.hidden, true);
});

test("a draft that says what already stands there is not offered", () => {
  const { window, document } = page(FORM);
  window.localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), values: [["name", ""], ["vip", null]] }));
  load(window);
  assert.equal(document.querySelector("[data-draft-bar]").hidden, true);
});

test("a draft of over a week is not put back; the last minute of the week is", () => {
  const week = 7 * 86400000;
  for (const [age, back] of [[week - 60000, true], [week + 60000, false]]) {
    const { window, document, wubu } = page(FORM);
    window.localStorage.setItem(KEY, JSON.stringify({ at: Date.now() - age, values: [["name", "x"]] }));
    assert.equal(wubu.restoreDraft(document.querySelector("form")), back);
    assert.equal(document.querySelector("[name=name]").value, back ? "x" : "");
  }
});

test("another member at the same device is not offered the draft", () => {
  const { window, document } = page(FORM);
  window.localStorage.setItem("wubu:draft:7:customer:new", JSON.stringify({ at: Date.now(), values: [["name", "x"]] }));
  document.body.dataset.member = "8";
  load(window);
  assert.equal(document.querySelector("[data-draft-bar]").hidden, true);
});

test("lines that were added come back with the numbers they had", () => {
  const { window, document, wubu } = page(`<form data-draft="order:new"><div data-lines="items"><table><tbody></tbody></table>
    <template><tr data-line><td><input type="hidden" name="parts:items:row" value="__"><input name="items:__:qty"></td></tr></template></div></form>`);
  window.localStorage.setItem("wubu:draft::order:new", JSON.stringify({ at: Date.now(), values: [["parts:items:row", "n5"], ["items:n5:qty", "12"]] }));
  assert.equal(wubu.restoreDraft(document.querySelector("form")), true);
  assert.equal(document.querySelector('[name="items:n5:qty"]').value, "12");
});

test("a slash goes to the search, but not from a box", () => {
  const { window, document } = page('<input id="search"><div id="search-results"></div><textarea id="note"></textarea>');
  const event = press(window, document.body, "/");
  assert.equal(event.defaultPrevented, true);
  assert.equal(document.activeElement.id, "search");
  document.getElementById("note").focus();
  assert.equal(press(window, document.getElementById("note"), "/").defaultPrevented, false);
  assert.equal(document.activeElement.id, "note");
});

test("what is asked before is not done when the answer is no", () => {
  const { window, document } = page('<form><button data-confirm="Delete?">x</button></form>');
  let sent = 0;
  document.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); sent += 1; });
  window.confirm = () => false;
  document.querySelector("button").click();
  assert.equal(sent, 0);
  window.confirm = () => true;
  document.querySelector("button").click();
  assert.equal(sent, 1);
});
