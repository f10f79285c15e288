import assert from "node:assert/strict";
import { test } from "node:test";
import { changedControls, placeProblems } from "../../../static/js/lib/form-fields.js";

test("problems go to their field, those of the space to their row", () => {
  const { fields, rows, cells } = placeProblems([
    { field: "max_trials", label: "Trials", message: "Needs a whole number." },
    { field: "max_trials", label: "Trials", message: "A second one." },
    { field: "space-3-min", label: "units", message: "Is above the end." },
    { field: "space-3-step", label: "units", message: "Is 0." },
    { field: "", label: "", message: "Something else." },
  ]);
  assert.equal(fields.get("max_trials"), "Needs a whole number.");
  assert.equal(fields.get(""), "Something else.");
  assert.deepEqual(rows.get("3"), ["units: Is above the end.", "units: Is 0."]);
  assert.deepEqual([...cells], ["space-3-min", "space-3-step"]);
});

test("what was changed before the scripts came is found, whatever its kind", () => {
  const option = (value, defaultSelected) => ({ value, defaultSelected });
  const options = [option("a", false), option("b", true)];
  const controls = {
    hidden: { type: "hidden", value: "x", defaultValue: "y" },
    text: { type: "text", value: "same", defaultValue: "same" },
    typed: { type: "text", value: "new", defaultValue: "old" },
    radio: { type: "radio", value: "cnn", defaultValue: "cnn", checked: true, defaultChecked: false },
    box: { type: "checkbox", value: "on", defaultValue: "on", checked: true, defaultChecked: true },
    kept: { type: "select-one", value: "b", options },
    chosen: { type: "select-one", value: "a", options },
    first: { type: "select-one", value: "c", options: [option("c", false), option("d", false)] },
  };
  const { typed, radio, chosen } = controls;
  assert.deepEqual(changedControls({ elements: Object.values(controls) }), [typed, radio, chosen]);
});
