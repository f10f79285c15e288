import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { EVERY_MS, LONGEST_MS, LOST_MS, Poller, restMs } from "../../../static/js/lib/poll.js";

globalThis.document = Object.assign(new EventTarget(), { hidden: false });
globalThis.window = new EventTarget();

class Source extends EventTarget {
  static opened = [];

  constructor(address) {
    super();
    this.address = address;
    Source.opened.push(this);
  }

  close() {
    this.isClosed = true;
  }

  say(name, detail = {}) {
    this.dispatchEvent(Object.assign(new Event(name), detail));
  }
}
globalThis.EventSource = Source;

const asked = [];
let status = 204;
globalThis.fetch = async (address) => {
  asked.push(address);
  if (status === 0) throw new Error("away");
  return { ok: status < 300, status, redirected: false };
};

let poller;
const once = (name) => new Promise((resolve) => poller.addEventListener(name, resolve, { once: true }));
const hide = (isHidden) => {
  document.hidden = isHidden;
  document.dispatchEvent(new Event("visibilitychange"));
};
const begin = async () => {
  poller = new Poller("/live.json", "7", () => true, "/live.events");
  poller.start();
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS + 50));
  return Source.opened[0];
};

beforeEach(() => {
  Source.opened.length = 0;
  asked.length = 0;
  status = 204;
  document.hidden = false;
});
afterEach(() => poller.stop());

test("a page that is told asks nothing, and its cursor is the last event's name", async () => {
  const stream = await begin();
  assert.equal(stream.address, "/live.events?cursor=7");
  const news = once("news");
  stream.say("message", { data: '{"trials":null}', lastEventId: "8.1." });
  assert.deepEqual((await news).detail, { trials: null, cursor: "8.1." });
  assert.equal(poller.cursor, "8.1.");
  assert.equal(poller.isPushed, true);
  poller.soon();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(asked, []);
});

test("a beat is proof of life", async () => {
  const stream = await begin();
  poller.received = 0;
  stream.say("beat");
  assert.ok(Date.now() - poller.received < 1000);
});

test("a hidden tab lets go of its connection, and asks before it follows again", async () => {
  const stream = await begin();
  hide(true);
  assert.equal(stream.isClosed, true);
  assert.equal(poller.isPushed, false);
  assert.deepEqual(asked, []);
  const beat = once("beat");
  hide(false);
  await beat;
  assert.deepEqual(asked, ["/live.json?cursor=7"]);
  assert.equal(Source.opened.length, 2);
});

test("a tab that is hidden from the start is not told", async () => {
  document.hidden = true;
  await begin();
  assert.equal(Source.opened.length, 0);
});

test("a connection that breaks is asked after, and a server that is away is lost in ten seconds", async () => {
  const stream = await begin();
  status = 0;
  const beat = once("beat");
  stream.say("error");
  await beat;
  assert.equal(stream.isClosed, true);
  assert.deepEqual(asked, ["/live.json?cursor=7"]);
  assert.equal(poller.isLost, false);
  poller.received = Date.now() - LOST_MS - 1;
  assert.equal(poller.isLost, true);
});

test("a connection that broke at once is not opened again at once: the page asks meanwhile", async () => {
  const stream = await begin();
  const beat = once("beat");
  stream.say("error");
  await beat;
  assert.equal(Source.opened.length, 1);
  assert.deepEqual([1, 2, 3].map(restMs), [4000, 16000, 64000]);
  assert.equal(restMs(9), LONGEST_MS);
});

test("a connection that says nothing for ten seconds has ended", async (context) => {
  const stream = await begin();
  context.mock.timers.enable({ apis: ["setTimeout"] });
  stream.say("beat"); // from here on it is silent
  context.mock.timers.tick(LOST_MS - 1);
  assert.equal(stream.isClosed, undefined);
  context.mock.timers.tick(1);
  assert.equal(stream.isClosed, true);
  context.mock.timers.reset();
});
