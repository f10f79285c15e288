import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FilterError, parseFilter } from "../../../static/js/lib/filter.js";

const { names, rows, cases, errors } = JSON.parse(readFileSync(new URL("filter-cases.json", import.meta.url)));

for (const { filter, keeps } of cases) {
  test(`"${filter}" keeps what its Python twin keeps`, () => {
    const passes = parseFilter(filter, names);
    assert.deepEqual(rows.filter((row) => passes((name) => row[name])).map((row) => row.number), keeps);
  });
}

for (const { filter, says } of errors.filter((error) => error.says)) {
  test(`"${filter}" is refused in words`, () => {
    assert.throws(() => parseFilter(filter, names), (error) => error instanceof FilterError && error.message.includes(says));
  });
}
