import assert from "node:assert/strict";
import test from "node:test";
import { fit, fitting, trialCommand } from "../../../static/js/lib/commands.js";

const commands = [
  { label: "Experiments", group: "Go to" },
  { label: "New experiment", group: "On this page" },
  { label: "Élan sweep", group: "Project" },
  { label: "Theme", group: "Shell" },
];
const labels = (text) => fitting(text, commands).map(({ label }) => label);

test("no word keeps all commands in their order", () => {
  assert.deepEqual(labels("  "), commands.map(({ label }) => label));
});

test("a label that begins with the word comes first", () => {
  assert.deepEqual(labels("exp"), ["Experiments", "New experiment"]);
  assert.deepEqual(labels("new exp"), ["New experiment"]);
});

test("case and accents do not matter, and the group counts too", () => {
  assert.deepEqual(labels("ELAN"), ["Élan sweep"]);
  assert.deepEqual(labels("shell theme"), ["Theme"]);
});

test("every word must be there", () => {
  assert.equal(fit("dark mode", commands[3]), 0);
});

test("a number names a trial where an experiment is shown", () => {
  assert.deepEqual(trialCommand(" 17 ", "/e/"), [{ label: "Trial 17", group: "This experiment", href: "/e/trials/17/" }]);
  assert.deepEqual(trialCommand("Trial 007", "/e/")[0].href, "/e/trials/7/");
  assert.deepEqual(trialCommand("17", undefined), []);
  assert.deepEqual(trialCommand("17 units", "/e/"), []);
});
