import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as format from "../../../static/js/lib/format.js";

const cases = JSON.parse(readFileSync(new URL("format-cases.json", import.meta.url)));

const byName = { ...format };
for (const [name, pairs] of Object.entries(cases)) {
  test(`${name} says the same as its Python twin`, () => {
    for (const [value, text] of pairs) assert.equal(byName[name](value), text);
  });
}

test("numbers that JSON can't hold are told in words", () => {
  assert.equal(format.figures(NaN), "NaN");
  assert.equal(format.figures(-Infinity), "−∞");
});

test("a range names its unit once when both ends share it", () => {
  assert.equal(format.durationRange([720, 1080]), "12–18 min");
  assert.equal(format.durationRange([50, 3600]), "50 s – 1 h");
  assert.equal(format.durationRange([60, 60]), "60 s");
  assert.equal(format.durationRange([0, 1800]), "up to 30 min");
});

test("what is hovered tells every digit", () => {
  assert.equal(format.full(0.9733333587646484), "0.9733333587646484");
  assert.equal(format.full(0.00003), "3e-5");
  assert.equal(format.full(0.000123456789), "1.23456789e-4");
  assert.equal(format.full(51203), "51203");
  assert.equal(format.full(2500000.5), "2.5000005e6");
  assert.equal(format.full(-0.5), "-0.5");
  for (const value of [0, null, NaN, Infinity, true, "relu"]) assert.equal(format.full(value), format.plain(value));
});
