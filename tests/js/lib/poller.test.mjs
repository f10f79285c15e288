import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { LOST_MS, Poller } from "../../../static/js/lib/poll.js";

let answers = [];
const asked = [];
globalThis.document = Object.assign(new EventTarget(), { hidden: false });
globalThis.window = new EventTarget();
globalThis.fetch = async (address) => {
  asked.push(address);
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  if (answer instanceof Error) throw answer;
  return answer;
};
const report = (cursor) => ({ ok: true, status: 200, redirected: false, json: async () => ({ cursor }) });
const nothing = { ok: true, status: 204 };
const pollers = [];
const start = (cursor = "1") => {
  const poller = new Poller("/live.json", cursor, () => true);
  pollers.push(poller);
  return poller;
};
const once = (poller, name) => new Promise((resolve) => poller.addEventListener(name, resolve, { once: true }));

beforeEach(() => {
  asked.length = 0;
  for (const poller of pollers.splice(0)) poller.stop();
});
after(() => pollers.forEach((poller) => poller.stop()));

test("the next question carries the cursor of the last answer", async () => {
  answers = [report("2.0."), nothing];
  const poller = start("1");
  const news = once(poller, "news");
  poller.start();
  assert.equal((await news).detail.cursor, "2.0.");
  await once(poller, "beat");
  poller.soon();
  await once(poller, "beat");
  assert.deepEqual(asked, ["/live.json?cursor=1", "/live.json?cursor=2.0."]);
});

test("an answer without news is still proof of life", async () => {
  answers = [nothing];
  const poller = start();
  poller.received = 0;
  poller.start();
  await once(poller, "beat");
  assert.ok(Date.now() - poller.received < 1000);
  assert.equal(poller.isLost, false);
});

test("the link counts as lost ten seconds after the last answer, and is found again", async () => {
  answers = [new Error("away"), nothing];
  const poller = start();
  poller.start();
  await once(poller, "beat");
  assert.equal(poller.isLost, false);
  poller.received = Date.now() - LOST_MS - 1;
  assert.equal(poller.isLost, true);
  poller.soon();
  await once(poller, "beat");
  assert.equal(poller.isLost, false);
});

test("a redirect to the sign-in page is trouble, not news", async () => {
  answers = [{ ok: true, status: 200, redirected: true }];
  const poller = start();
  const trouble = once(poller, "trouble");
  poller.start();
  assert.match((await trouble).detail.message, /200/);
});

test("a stopped poller asks nothing more", async () => {
  answers = [nothing];
  const poller = start();
  poller.start();
  await once(poller, "beat");
  poller.stop();
  poller.soon();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(asked.length, 1);
});
