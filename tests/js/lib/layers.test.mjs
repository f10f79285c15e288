import assert from "node:assert/strict";
import { test } from "node:test";
import { isSearched, moved, newLayer, readLayers, removed, rowName, typedValue, withParam } from "../../../static/js/lib/layers.js";

const LIST = [
  { kind: "flatten", params: {} },
  { kind: "dense", params: { units: 64 } },
  { kind: "dense", params: { units: { search: { min: 1 } } } },
];

test("broken text is an empty list", () => {
  assert.deepEqual(readLayers("["), []);
  assert.deepEqual(readLayers('{"a": 1}'), []);
  assert.deepEqual(readLayers('[null, 3, {"kind": "dense"}]'), [{ kind: "dense" }]);
});

test("a layer moves inside the list and never out of it", () => {
  assert.deepEqual(moved(LIST, 0, 1).map((layer) => layer.kind), ["dense", "flatten", "dense"]);
  assert.equal(moved(LIST, 0, -1), LIST);
  assert.equal(moved(LIST, 2, 3), LIST);
});

test("removing and changing leave the given list alone", () => {
  const before = structuredClone(LIST);
  assert.equal(removed(LIST, 1).length, 2);
  assert.equal(withParam(LIST, 1, "units", 8)[1].params.units, 8);
  assert.deepEqual(LIST, before);
});

test("a new layer has its kind's defaults", () => {
  const kind = { kind: "dropout", params: [{ name: "rate", default: 0.2 }] };
  assert.deepEqual(newLayer(kind), { kind: "dropout", params: { rate: 0.2 } });
});

test("searched parameters are told from fixed ones and named as in the space", () => {
  assert.equal(isSearched(LIST[2].params.units), true);
  assert.equal(isSearched(64), false);
  assert.equal(isSearched(null), false);
  assert.equal(rowName(LIST, 2, "units"), "dense_2_units");
});

test("text that is no number stays text", () => {
  assert.equal(typedValue("32", "int"), 32);
  assert.equal(typedValue("many", "int"), "many");
  assert.equal(typedValue(" ", "float"), " ");
  assert.equal(typedValue("relu", "choice"), "relu");
});
