import assert from "node:assert/strict";
import { test } from "node:test";
import { page, press, wait } from "../page.js";

const WORDS = {
  fields: [
    { name: "合同金额", path: "total", labels: ["合同金额"], initials: "htje", kind_label: "Money" },
    { name: "金额", path: "amount", labels: ["金额", "Amount"], initials: "je", kind_label: "Money" },
  ],
  functions: [{ name: "IF", names: ["IF", "如果"], initials: ["rg"], usage: "IF(condition, then, else)" }],
};
const HTML = `<div data-formula data-object="contract" data-expect="bool"><textarea name="f"></textarea><div data-ink></div>
  <ul data-menu hidden role="listbox"></ul><div data-said></div><div data-usage></div></div>`;

const editor = (answer) => {
  const here = page(HTML, ["setup/formula.js"], { answer: (url) => (url.startsWith("/formulas/words") ? WORDS : answer?.(url) ?? { problems: [], sentence: "" }) });
  here.document.execCommand = () => false; // as in a browser without it
  here.window.Element.prototype.scrollIntoView = () => {};
  here.document.dispatchEvent(new here.window.Event("DOMContentLoaded"));
  return { ...here, area: here.document.querySelector("textarea"), menu: here.document.querySelector("[data-menu]") };
};
const write = async ({ window, area }, words) => {
  area.focus();
  area.value = words;
  area.setSelectionRange(words.length, words.length);
  area.dispatchEvent(new window.Event("input", { bubbles: true }));
  await wait(30);
};

test("words are fetched once for an object, however often one types", async () => {
  const here = editor();
  await write(here, "金");
  await write(here, "金额");
  assert.equal(here.requests.filter((r) => r.url.startsWith("/formulas/words")).length, 1);
});

for (const [typed, wanted] of [["金", "金额"], ["amo", "金额"], ["je", "金额"], ["i", "IF"], ["如", "IF"]]) {
  test(`“${typed}” offers ${wanted}`, async () => {
    const here = editor();
    await write(here, typed);
    assert.equal(here.menu.hidden, false);
    assert.match(here.menu.querySelector("[role=option]").textContent, new RegExp(wanted));
  });
}

test("what begins with the words stands before what holds them", async () => {
  const here = editor();
  await write(here, "金额");
  const first = [...here.menu.querySelectorAll("[role=option] strong")].map((name) => name.textContent);
  assert.deepEqual(first.slice(0, 1), ["金额"]);
  await write(here, "合同");
  assert.deepEqual([...here.menu.querySelectorAll("[role=option] strong")].map((name) => name.textContent), ["合同金额"]);
});

test("what fits nothing offers nothing", async () => {
  const here = editor();
  await write(here, "zzz");
  assert.equal(here.menu.children.length === 0 || here.menu.hidden, true);
});

test("Escape closes the offers and leaves the words alone", async () => {
  const here = editor();
  await write(here, "金");
  press(here.window, here.area, "Escape");
  assert.equal(here.menu.hidden, true);
  assert.equal(here.area.value, "金");
});

test("a function comes with its brackets, once", async () => {
  const here = editor();
  await write(here, "如");
  press(here.window, here.area, "Tab");
  assert.equal(here.area.value, "IF()");
  assert.equal(here.area.selectionStart, 3);
});

test("Enter puts the offered name in, as a field", async () => {
  const here = editor();
  await write(here, "1 + 金");
  press(here.window, here.area, "Enter");
  assert.equal(here.area.value, "1 + {金额}");
});
