import assert from "node:assert/strict";
import { test } from "node:test";
import { page, wait } from "../page.js";

const FIELDS = {
  fields: [
    { key: "name", label: "Name", kind: "text", type: "text" },
    { key: "grade", label: "Grade", kind: "choice", type: "choice", choices: [{ key: "a", label: "A" }, { key: "b", label: "B" }] },
    { key: "rate", label: "Rate", kind: "number", type: "percent" },
    { key: "signed", label: "Signed", kind: "date", type: "date" },
    { key: "owner", label: "Owner", kind: "member", type: "member", target: "member" },
  ],
  relative: [{ op: "this_month", label: "this month", tree: { op: "between", args: [{ field: "$" }, { call: "MONTHSTART", args: [] }, { call: "MONTHEND", args: [] }] } }],
};
const HTML = `<form data-filter="/filter"><button type="button" data-filter-open aria-expanded="false"></button>
  <div class="w-filter-box" hidden><div data-builder></div><div data-formula><textarea name="f">x</textarea></div></div></form>
  <script type="application/json" id="filter-fields">${JSON.stringify(FIELDS)}</script>`;

/** Opens the filter on a text whose tree is given; the rows that are drawn, and what goes back. */
const opened = async (tree) => {
  const here = page(HTML, ["lists/filter.js"], { answer: () => ({ tree, text: "…", sentence: "…" }) });
  const put = [];
  here.document.querySelector("[data-formula]").wubuFormula = { paint() {}, look() {}, tell() {}, put: (...words) => put.push(words) };
  here.document.dispatchEvent(new here.window.Event("DOMContentLoaded"));
  here.document.querySelector("[data-filter-open]").click();
  await wait(10);
  const rows = [...here.document.querySelectorAll(".w-filter-row")];
  const back = async () => {
    const join = here.document.querySelector(".w-filter-join select");
    join.onchange();
    await wait(280);
    const sent = here.requests.at(-1).body.find(([name]) => name === "tree");
    return sent ? JSON.parse(sent[1]) : null;
  };
  return { ...here, rows, back, put };
};
const field = (key) => ({ field: key });

const TREES = {
  "text contains": { call: "CONTAINS", args: [field("name"), { text: "传感" }] },
  "text does not contain": { op: "not", args: [{ call: "CONTAINS", args: [field("name"), { text: "传感" }] }] },
  "is empty": { call: "ISBLANK", args: [field("name")] },
  "is not empty": { op: "not", args: [{ call: "ISBLANK", args: [field("name")] }] },
  "one of": { op: "in", args: [field("grade"), { choice: "a" }, { choice: "b" }] },
  "a percentage": { op: ">=", args: [field("rate"), { number: "12.5%" }] },
  between: { op: "between", args: [field("signed"), { date: "2026-01-01" }, { date: "2026-03-31" }] },
  "this month": { op: "between", args: [field("signed"), { call: "MONTHSTART", args: [] }, { call: "MONTHEND", args: [] }] },
  "is me": { op: "=", args: [field("owner"), { call: "ME", args: [] }] },
  "is in my team": { op: "in", args: [field("owner"), { call: "MYTEAM", args: [] }] },
  "a member": { op: "=", args: [field("owner"), { id: "7" }] },
};
for (const [name, tree] of Object.entries(TREES)) {
  test(`a condition is drawn as a row and written as it was: ${name}`, async () => {
    const { rows, back } = await opened(tree);
    assert.equal(rows.length, 1);
    assert.equal(rows[0].classList.contains("is-raw"), false);
    assert.deepEqual(await back(), tree);
  });
}

test("groups keep their order and how they join", async () => {
  const tree = { op: "or", args: [TREES["is empty"], { op: "and", args: [TREES["one of"], TREES["is me"]] }] };
  const { rows, back } = await opened(tree);
  assert.equal(rows.length, 3);
  assert.deepEqual(await back(), tree);
});

test("what rows cannot say stays as it was written", async () => {
  const tree = { op: "and", args: [TREES["is me"], { op: ">", args: [{ call: "LEN", args: [field("name")] }, { number: "3" }] }] };
  const { rows, back } = await opened(tree);
  assert.deepEqual(rows.map((row) => row.classList.contains("is-raw")), [false, true]);
  assert.deepEqual(await back(), tree);
});

test("a condition without a value counts for nothing", async () => {
  const { back, document } = await opened({ call: "CONTAINS", args: [field("name"), { text: "x" }] });
  const box = document.querySelector(".w-filter-row input");
  box.value = "";
  box.oninput();
  assert.equal(await back(), null);
});
