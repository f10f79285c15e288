import assert from "node:assert/strict";
import { test } from "node:test";

import { Kept } from "../../../static/js/lib/kept.js";

test("all who ask get the same answer, which is fetched once", async () => {
  const kept = new Kept();
  let times = 0;
  const fetching = async () => ({ number: ++times });
  const [one, other] = await Promise.all([kept.get("a", fetching), kept.get("a", fetching)]);
  assert.equal(one, other);
  assert.equal((await kept.get("a", fetching)).number, 1);
  assert.equal((await kept.get("b", fetching)).number, 2);
  assert.equal((await kept.get("a", fetching, true)).number, 3);
});

test("what did not arrive is requested again by whoever asks next", async () => {
  const kept = new Kept();
  await assert.rejects(kept.get("a", () => Promise.reject(new Error("away"))), /away/);
  assert.equal(await kept.get("a", async () => "there"), "there");
});

test("an old answer that fails late leaves the newer one alone", async () => {
  const kept = new Kept();
  let fail;
  const late = kept.get("a", () => new Promise((_, reject) => (fail = reject)));
  const newer = kept.get("a", async () => "newer", true);
  fail(new Error("late"));
  await assert.rejects(late, /late/);
  assert.equal(await newer, "newer");
  assert.equal(await kept.get("a", async () => "another"), "newer");
});
