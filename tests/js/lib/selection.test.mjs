import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isBrushed, readBrushes, writeBrushes } from "../../../static/js/lib/brushes.js";
import { readable } from "../../../static/js/lib/address.js";
import { FilterError } from "../../../static/js/lib/filter.js";
import { MOST_CHOSEN, Selection } from "../../../static/js/lib/selection.js";

const { rows, cases, unreadable } = JSON.parse(readFileSync(new URL("brush-cases.json", import.meta.url)));
const store = { at: (key, index) => rows[index][key] };
const names = Object.keys(rows[0]);
const kept = (selection) => rows.filter((row, index) => selection.keeps(store, names)(index)).map((row) => row.number);

for (const { brush, keeps } of cases) {
  test(`the brush "${brush}" keeps what its Python twin keeps, and comes back from an address`, () => {
    const selection = Selection.read(`?${new URLSearchParams({ brush })}`);
    assert.deepEqual(kept(selection), keeps);
    const query = new URLSearchParams();
    selection.write(query);
    assert.deepEqual(Selection.read(`?${readable(query)}`).brushes, selection.brushes);
  });
}

test("what can't be read brushes nothing", () => {
  for (const text of unreadable) assert.equal(readBrushes(text).size, 0, text);
});

test("choices that look like something else are told apart", () => {
  const brushes = new Map([["x", { choices: ["32", 32, true, "true", null, "none", "'a", "", "a,b;c:d|e%2C"] }]]);
  assert.deepEqual(readBrushes(writeBrushes(brushes)), brushes);
  assert.equal(isBrushed({ choices: [null] }, undefined), true);
  assert.equal(isBrushed({ ranges: [[0, 1]] }, NaN), false);
});

test("an address stays readable", () => {
  const selection = new Selection();
  selection.setFilter(" units > 128 ");
  selection.setBrush("learning_rate", { ranges: [[0.0003, Infinity]] });
  selection.setBrush("optimizer", { choices: ["adam", "sgd"] });
  selection.setChosen([17, 4, 17]);
  const query = new URLSearchParams("sort=-units");
  selection.write(query);
  assert.equal(readable(query), "sort=-units&filter=units+%3E+128&brush=learning_rate:0.0003..;optimizer:=adam,sgd&chosen=17,4");
  selection.clear();
  selection.write(query);
  assert.equal(query.toString(), "sort=-units");
});

test("everybody hears what changed, and nothing where nothing did", () => {
  const heard = [];
  const selection = Selection.read("?filter=units+%3D+32");
  selection.addEventListener("change", (event) => heard.push(event.detail.what));
  selection.setFilter("units = 32 ");
  selection.setBrush("lr", null);
  selection.setBrush("lr", { ranges: [] });
  selection.setFilter("");
  selection.setBrush("lr", { ranges: [[0, 1]] });
  selection.setBrush("lr", null);
  selection.setChosen([1]);
  selection.clear();
  assert.deepEqual(heard, ["filter", "brush", "brush", "chosen", "all"]);
});

test("a brush and a filter narrow together; a column that is gone keeps all and is named", () => {
  const selection = Selection.read("?filter=units+%3E+100&brush=optimizer:=sgd;gone:1..2");
  assert.deepEqual(kept(selection), [1]);
  assert.deepEqual(selection.missing(names), ["gone"]);
  selection.setFilter("unitz > 3");
  assert.throws(() => selection.keeps(store, names), FilterError);
});

test("numbers that are none are left out, and only the newest are kept", () => {
  assert.deepEqual(Selection.read("?chosen=3,x,-1,3,1e3,,7").chosen, [3, 7]);
  const selection = new Selection();
  selection.setChosen(Array.from({ length: MOST_CHOSEN + 5 }, (_, number) => number));
  assert.equal(selection.chosen.length, MOST_CHOSEN);
  assert.equal(selection.chosen.at(-1), MOST_CHOSEN + 4);
});
