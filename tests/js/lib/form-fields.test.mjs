import assert from "node:assert/strict";
import { test } from "node:test";
import { placeProblems } from "../../../static/js/lib/form-fields.js";

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
