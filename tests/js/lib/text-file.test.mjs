import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST, refusalOf } from "../../../static/js/lib/text-file.js";

test("a table of text is taken", () => {
  assert.equal(refusalOf("a.csv", "units,score\n64,0.9\n"), "");
});

test("an empty, a huge and a binary file are refused in words", () => {
  assert.equal(refusalOf("a.csv", " \n"), "a.csv is empty.");
  assert.match(refusalOf("a.csv", "x".repeat(LONGEST + 1)), /more than 150,000 characters/);
  assert.match(refusalOf("a.png", "PNG\0\ufffd"), /isn't UTF-8 text/);
});
