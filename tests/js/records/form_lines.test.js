import assert from "node:assert/strict";
import { test } from "node:test";
import { page, press } from "../page.js";

const LINES = `<form><div data-lines="items"><table><tbody>
  <tr data-line><td><input name="a:1"></td><td><input name="b:1"></td></tr></tbody></table>
  <template><tr data-line><td><input name="a:__"></td><td><input name="b:__"></td></tr></template>
  <button type="button" data-line-add>add</button></div></form>`;
const one = (cell) => page(`<form><div data-lines="items"><table><tbody><tr data-line><td>${cell}</td></tr></tbody></table>
  <template><tr data-line><td>${cell}</td></tr></template></div></form>`, ["records/form_lines.js"]);

const paste = ({ window, document }, words, box = document.querySelector("[data-line] input, [data-line] select")) => {
  const event = new window.Event("paste", { bubbles: true, cancelable: true });
  event.clipboardData = { getData: () => words };
  box.dispatchEvent(event);
  return event;
};
const values = (document) => [...document.querySelectorAll("[data-line]")].map((row) => [...row.querySelectorAll("input")].map((box) => box.value));
const told = (document) => document.querySelector(".w-toast span")?.textContent ?? "";

test("cells of a spreadsheet fill lines, quotes and breaks inside of a cell included", () => {
  const here = page(LINES, ["records/form_lines.js"]);
  paste(here, 'A\t1\r\n"B ""x""\ny"\t2\n');
  assert.deepEqual(values(here.document), [["A", "1"], ['B "x"y', "2"]] /* a box of one line holds no break */);
  assert.match(told(here.document), /^2 lines pasted$/);
});

test("one word is pasted as the browser does", () => {
  const here = page(LINES, ["records/form_lines.js"]);
  assert.equal(paste(here, "only words").defaultPrevented, false);
  assert.equal(here.document.querySelectorAll("[data-line]").length, 1);
});

test("what has no column is named, not dropped in silence", () => {
  const here = page(LINES, ["records/form_lines.js"]);
  paste(here, "A\t1\tlost\t\t");
  assert.deepEqual(values(here.document), [["A", "1"]]);
  assert.match(told(here.document), /no column on the right for lost$/);
});

test("what a choice does not know stays below it", () => {
  const here = one('<select><option value=""></option><option value="k1">甲</option></select>');
  paste(here, "甲\n乙\n");
  const boxes = [...here.document.querySelectorAll("[data-line] select")];
  assert.deepEqual(boxes.map((box) => box.value), ["k1", ""]);
  assert.equal(here.document.querySelector(".w-pasted").textContent, "Not put in: “乙”");
  assert.match(told(here.document), /1 cells could not be filled/);
});

test("days are read as spreadsheets write them, yes and no in words", () => {
  const days = one('<input type="date">');
  paste(days, "2026年3月9日\n2026/12/31\n");
  assert.deepEqual(values(days.document), [["2026-03-09"], ["2026-12-31"]]);
  const ticks = one('<input type="checkbox">');
  paste(ticks, "是\n×\n也许\n");
  assert.deepEqual([...ticks.document.querySelectorAll("[data-line] input")].map((box) => box.checked), [true, false, false]);
  assert.equal(ticks.document.querySelectorAll(".w-pasted").length, 1);
});

test("five hundred lines are taken, the rest is told", () => {
  for (const [count, rest] of [[500, ""], [501, "import the other 1"]]) {
    const here = page(LINES, ["records/form_lines.js"]);
    paste(here, Array.from({ length: count }, (_, n) => `${n}\tx`).join("\n"));
    assert.equal(here.document.querySelectorAll("[data-line]").length, 500);
    assert.equal(told(here.document).includes("import the other"), rest !== "");
    assert.ok(told(here.document).includes(rest));
  }
});

test("Enter goes down, and begins a line after the last", () => {
  const { window, document } = page(LINES, ["records/form_lines.js"]);
  const [a, b] = document.querySelectorAll("[data-line] input");
  a.focus();
  press(window, a, "Enter");
  assert.equal(document.querySelectorAll("[data-line]").length, 2);
  assert.equal(document.activeElement, document.querySelectorAll("[data-line]")[1].querySelectorAll("input")[0]);
  press(window, b, "Enter"); // at the end of a line: the first box of the next
  assert.equal(document.activeElement, document.querySelectorAll("[data-line]")[1].querySelectorAll("input")[0]);
});

test("arrows walk within a column and stop at its ends", () => {
  const here = page(LINES, ["records/form_lines.js"]);
  paste(here, "A\t1\nB\t2\n");
  const boxes = here.document.querySelectorAll("[data-line] input");
  boxes[1].focus();
  press(here.window, boxes[1], "ArrowUp");
  assert.equal(here.document.activeElement, boxes[1]);
  press(here.window, boxes[1], "ArrowDown");
  assert.equal(here.document.activeElement, boxes[3]);
});

test("Ctrl+Delete takes a line out and tells the form", () => {
  const here = page(LINES, ["records/form_lines.js"]);
  paste(here, "A\t1\nB\t2\n");
  let heard = 0;
  here.document.querySelector("form").addEventListener("input", () => { heard += 1; });
  press(here.window, here.document.querySelectorAll("[data-line] input")[0], "Delete", { ctrlKey: true });
  assert.deepEqual(values(here.document), [["B", "2"]]);
  assert.equal(heard, 1);
});
