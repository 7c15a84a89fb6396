import assert from "node:assert/strict";
import { test } from "node:test";
import { page, press, wait } from "../page.js";

const CELL = (key, words, raw) => `<td${raw === undefined ? "" : ` data-raw="${raw}"`}>${words}</td>`;
const SHEET = `<dialog id="cells"></dialog><table class="w-sheet" data-grid="/o/customer" data-edit>
  <thead><tr><th class="w-tick"></th><th data-key="name" data-edit>Name</th><th data-key="amount" data-edit>Amount</th><th data-key="total">Total</th></tr></thead>
  <tbody>${[["1", "芜湖 \"通航\"", "¥1,200.50", "1200.5"], ["2", "上海", "¥3.00", "3"]].map(([id, name, shown, raw]) => `
    <tr data-id="${id}" data-version="4"><td class="w-tick"><input type="checkbox" name="id" value="${id}"></td>${CELL("name", name)}${CELL("amount", shown, raw)}${CELL("total", "9")}</tr>`).join("")}
  </tbody></table>`;

const sheet = (answer = () => "<p>3 cells would change</p>") => {
  const here = page(SHEET, ["lists/grid.js"], { answer });
  const { window } = here;
  window.matchMedia = () => ({ matches: false });
  Object.defineProperty(window.HTMLElement.prototype, "offsetParent", { get() { return this.parentElement; } });
  window.Element.prototype.scrollIntoView = () => {};
  window.HTMLDialogElement.prototype.showModal = function showModal() { this.open = true; };
  window.HTMLDialogElement.prototype.close = function close() { this.open = false; };
  const cell = (row, column) => here.document.querySelectorAll("tbody tr")[row].cells[column + 1];
  const point = (row, column, more = {}) => cell(row, column).dispatchEvent(new window.MouseEvent("mousedown", { bubbles: true, cancelable: true, ...more }));
  const clipboard = (name, words = "") => {
    const kept = {};
    const event = new window.Event(name, { bubbles: true, cancelable: true });
    event.clipboardData = { getData: () => words, setData: (kind, value) => { kept[kind] = value; } };
    here.document.activeElement.dispatchEvent(event);
    return kept["text/plain"];
  };
  return { ...here, cell, point, clipboard };
};

test("arrows move the active cell and stop at the edges", () => {
  const { window, document, cell, point } = sheet();
  point(0, 0);
  press(window, document.activeElement, "ArrowRight");
  assert.equal(document.activeElement, cell(0, 1));
  press(window, document.activeElement, "ArrowUp");
  assert.equal(document.activeElement, cell(0, 1));
  press(window, document.activeElement, "End");
  press(window, document.activeElement, "ArrowDown");
  assert.equal(document.activeElement, cell(1, 2));
});

test("a block is copied as values, with quotes where a spreadsheet needs them", () => {
  const { point, clipboard } = sheet();
  point(0, 0);
  point(1, 1, { shiftKey: true });
  assert.equal(clipboard("copy"), '"芜湖 ""通航"""\t1200.5\n上海\t3');
});

test("what is pasted is shown before it is done, by record, version and column", async () => {
  const { document, point, clipboard, requests } = sheet();
  point(0, 1);
  clipboard("paste", "5\r\n6\r\n");
  await wait(10);
  assert.equal(requests.length, 1);
  assert.equal(requests[0].url, "/o/customer/paste");
  assert.deepEqual(requests[0].body, [["text", "5\n6"], ["row", "1:4"], ["row", "2:4"], ["column", "amount"], ["column", "total"]]);
  assert.equal(document.getElementById("cells").open, true);
});

test("what is pasted goes from the active cell on, not from the top", async () => {
  const { point, clipboard, requests } = sheet();
  point(1, 1);
  clipboard("paste", "7");
  await wait(10);
  assert.deepEqual(requests[0].body, [["text", "7"], ["row", "2:4"], ["column", "amount"], ["column", "total"]]);
});

test("one value fills the whole block", async () => {
  const { point, clipboard, requests } = sheet();
  point(0, 0);
  point(1, 1, { shiftKey: true });
  clipboard("paste", "x");
  await wait(10);
  assert.deepEqual(requests[0].body[0], ["text", "x\tx\nx\tx"]);
});

test("Delete empties a block by the same way", async () => {
  const { window, document, point, requests } = sheet();
  point(0, 1);
  press(window, document.activeElement, "ArrowDown", { shiftKey: true });
  press(window, document.activeElement, "Delete");
  await wait(10);
  assert.deepEqual(requests[0].body[0], ["text", "\n"]);
});

test("a cell that cannot be edited says so and asks nothing of the server", async () => {
  const { window, document, point, requests } = sheet();
  point(0, 2);
  press(window, document.activeElement, "Enter");
  await wait(10);
  assert.equal(requests.length, 0);
  assert.match(document.querySelector(".w-toast").textContent, /cannot be edited in the list/);
});

test("what the server refuses stays in the cell, with its words", async () => {
  const form = '<form><input name="value" value="abc"></form>';
  const { window, document, cell, point } = sheet((url, options) => (options.method === "POST" ? { status: 422, body: "" } : form));
  window.fetch = ((plain) => async (url, options) => {
    const response = await plain(url, options);
    return { ...response, headers: { get: () => null }, text: async () => (options?.method === "POST" ? `${form}<div class="w-wrong">Not a number</div>` : form) };
  })(window.fetch);
  point(0, 1);
  press(window, document.activeElement, "F2");
  await wait(10);
  const box = cell(0, 1).querySelector("input");
  press(window, box, "Enter");
  await wait(10);
  assert.equal(cell(0, 1).querySelector(".w-wrong").textContent, "Not a number");
  assert.equal(cell(0, 1).querySelector("input").value, "abc");
});
