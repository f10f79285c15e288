import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as format from "../../../static/js/lib/format.js";

const cases = JSON.parse(readFileSync(new URL("format-cases.json", import.meta.url)));

for (const [name, pairs] of Object.entries(cases)) {
  test(`${name} says the same as its Python twin`, () => {
    for (const [value, text] of pairs) assert.equal(format[name](value), text);
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
