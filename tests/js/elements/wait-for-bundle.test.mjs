import assert from "node:assert/strict";
import { test } from "node:test";

import { nextStep } from "../../../static/js/elements/wait-for-bundle.js";

test("a bundle that is being made is requested again", () => {
  assert.equal(nextStep({ state: "preparing", message: "" }), "wait");
});

test("a ready bundle is downloaded", () => {
  assert.equal(nextStep({ state: "ready", message: "" }), "download");
});

test("a failed bundle shows its page, which tells why", () => {
  assert.equal(nextStep({ state: "failed", message: "The disk is full." }), "reload");
});
