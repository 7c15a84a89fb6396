import assert from "node:assert/strict";
import { test } from "node:test";
import { page, type, wait } from "../page.js";

const FORM = `<form data-compute="/live"><input name="price"><input name="city">
  <output data-computed="total"></output>
  <div class="w-panel" data-part="more"><div data-item="note"><input name="note"></div></div></form>`;
const EMPTY = { values: {}, set: {}, hidden: [], needed: [], options: {} };
const server = (given) => (url) => ({ status: 200, body: { ...EMPTY, ...given(url) } });
const typed = (response) => ({ ...response, headers: { get: () => "application/json" } });

/** A page whose server answers JSON, each answer after its own delay; the first question is that of
 * the page itself, which is over when the test begins. */
const live = async (...answers) => {
  const here = page(FORM, ["records/form_live.js"], { answer: server(() => ({})) });
  const plain = here.window.fetch;
  let turn = 0;
  here.window.fetch = async (url, options) => {
    const { delay = 0, ...given } = turn ? answers[Math.min(turn, answers.length) - 1] : {};
    turn += 1;
    await wait(delay);
    const response = await plain(url, options);
    return typed({ ...response, json: async () => ({ ...EMPTY, ...given }) });
  };
  await wait(30);
  assert.equal(turn, 1);
  return here;
};

test("what formulas give is shown, and what a linkage gives is put in", async () => {
  const { window, document } = await live({ values: { total: "¥12.00" }, set: { city: { value: "芜湖" } } });
  type(window, document.querySelector("[name=price]"), "12");
  await wait(320);
  assert.equal(document.querySelector("[data-computed]").textContent, "¥12.00");
  assert.equal(document.querySelector("[name=city]").value, "芜湖");
});

test("what is typed while the question is under way stays", async () => {
  const { window, document } = await live({ delay: 150, set: { city: { value: "芜湖" } } }, {});
  type(window, document.querySelector("[name=price]"), "12");
  await wait(300); // the question is under way now
  type(window, document.querySelector("[name=city]"), "上海");
  await wait(300);
  assert.equal(document.querySelector("[name=city]").value, "上海");
});

test("an answer that was overtaken is not shown", async () => {
  const { window, document } = await live({ delay: 500, values: { total: "old" } }, { values: { total: "new" } });
  type(window, document.querySelector("[name=price]"), "1");
  await wait(300);
  type(window, document.querySelector("[name=price]"), "2");
  await wait(700);
  assert.equal(document.querySelector("[data-computed]").textContent, "new");
});

test("a panel whose fields are all hidden is hidden with its heading", async () => {
  const { window, document } = await live({ hidden: ["note"] }, { hidden: [] });
  type(window, document.querySelector("[name=price]"), "1");
  await wait(320);
  assert.equal(document.querySelector("[data-part]").hidden, true);
  type(window, document.querySelector("[name=price]"), "2");
  await wait(320);
  assert.equal(document.querySelector("[data-part]").hidden, false);
});
