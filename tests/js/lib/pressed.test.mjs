import assert from "node:assert/strict";
import { test } from "node:test";

const page = new EventTarget();
globalThis.addEventListener = (...asked) => page.addEventListener(...asked);
const { released } = await import("../../../static/js/lib/pressed.js");

const happens = (name, more = {}) => page.dispatchEvent(Object.assign(new Event(name), more));
/** Whether it was over before this task and the next one ended. */
const isOver = async (promise) => {
  let over = false;
  promise.then(() => (over = true));
  await new Promise((resolve) => setTimeout(resolve, 5));
  return over;
};

test("where no pointer is down, nothing waits", async () => {
  assert.equal(await isOver(released()), true);
});

for (const name of ["pointerup", "pointercancel", "blur"]) {
  test(`what waits goes on after the task of ${name}, in which the click comes`, async () => {
    happens("pointerdown");
    const waiting = released();
    assert.equal(await isOver(waiting), false);
    happens(name);
    let isClickOver = false;
    waiting.then(() => assert.ok(isClickOver));
    await Promise.resolve();
    isClickOver = true;
    assert.equal(await isOver(waiting), true);
  });
}

test("a pointer that came up unheard is known by its next move", async () => {
  happens("pointerdown");
  happens("pointermove", { buttons: 1 });
  const waiting = released();
  assert.equal(await isOver(waiting), false);
  happens("pointermove", { buttons: 0 });
  assert.equal(await isOver(waiting), true);
});
