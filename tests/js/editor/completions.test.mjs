import assert from "node:assert/strict";
import { test } from "node:test";
import { completions } from "../../../static/js/editor/completions.js";

const labels = (before) => completions(before)?.options.map(({ label }) => label) ?? [];

test("modules of Keras and what they hold", () => {
  assert.ok(labels("x = keras.").includes("layers"));
  assert.ok(labels("x = keras.").includes("Sequential"));
  assert.ok(labels("tf.keras.layers.De").includes("Dense"));
  assert.ok(labels("layers.").includes("Conv2D"));
  assert.ok(labels("keras.optimizers.").includes("AdamW"));
  assert.deepEqual(labels("model."), []);
});

test("a word begins after the last point", () => {
  assert.equal(completions("keras.layers.De").from, "keras.layers.".length);
  const dense = completions("keras.layers.De").options.find(({ label }) => label === "Dense");
  assert.match(dense.detail, /^\(units, activation=None/);
});

test("hp and its methods, with their arguments", () => {
  assert.deepEqual(labels("hp.").slice(0, 4), ["Int", "Float", "Choice", "Boolean"]);
  assert.ok(labels("hp.Int(").includes("min_value="));
  assert.ok(labels('hp.Float("rate", 0.1, 0.5, sam').includes("sampling="));
});

test("arguments of the call that is open, without those that are given", () => {
  const found = labels('model.add(keras.layers.Dense(hp.Int("a", 1, 2), activation="relu", ');
  assert.ok(found.includes("use_bias="));
  assert.ok(!found.includes("activation="));
  assert.ok(labels("layers.Conv2D(\n    32,\n    ").includes("kernel_size="));
});

test("nothing where a value, a closed call or an unknown one stands", () => {
  assert.deepEqual(labels("layers.Dense(units="), []);
  assert.deepEqual(labels("layers.Dense(3)"), []);
  assert.deepEqual(labels("print("), []);
  assert.deepEqual(labels("f(['a', "), []);
});

test("names that are written as texts", () => {
  assert.ok(labels('layers.Dense(3, activation="re').includes("relu"));
  assert.ok(labels("optimizer='").includes("adam"));
  assert.ok(labels('loss="').includes("sparse_categorical_crossentropy"));
  assert.ok(labels('metrics=["').includes("accuracy"));
  assert.equal(completions('activation="re').from, 'activation="'.length);
});

test("brackets in texts and comments open nothing", () => {
  assert.ok(labels('layers.Dense(3, name="a)b(", ').includes("activation="));
  assert.deepEqual(labels("# layers.Dense(\nx, "), []);
});
