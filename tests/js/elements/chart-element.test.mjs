import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.HTMLElement = class {};
const { ChartElement } = await import("../../../static/js/elements/chart-element.js");

const answers = (t, answer) => t.mock.method(globalThis, "fetch", answer);

test("a chart that is left while it is renewed draws nothing more", async (t) => {
  let arrive;
  answers(t, () => new Promise((resolve) => (arrive = resolve)));
  const chart = new ChartElement();
  chart.report = { old: true };
  const loading = chart.load("/a.json");
  chart.abort.abort();
  arrive(new Response("{}"));
  assert.equal(await loading, null);
});

test("a chart that is still there is renewed", async (t) => {
  answers(t, async () => new Response('{"new": 1}'));
  const chart = new ChartElement();
  chart.report = { old: true };
  assert.deepEqual(await chart.load("/b.json"), { new: 1 });
});
