import assert from "node:assert/strict";
import { test } from "node:test";
import { keptCss } from "../../../experiments/stack/kept-css.mjs";

const kept = (css, ...names) => keptCss(css, new Set(names));

test("selectors of other classes are left out of their lists, and empty rules go", () => {
  assert.equal(kept(".btn,.card > a{color:red}.card{top:0}", "btn"), ".btn{color:red}");
});

test("what names no class stays", () => {
  assert.equal(kept(":root{--a:1}a:hover,[data-x]{top:0}"), ":root{--a:1}a:hover,[data-x]{top:0}");
});

test("rules within a condition are looked at too, and an empty one goes", () => {
  const css = "@media (min-width:1px){.btn{top:0}.row{top:1px}}@media print{.row{top:0}}";
  assert.equal(kept(css, "btn"), "@media (min-width:1px){.btn{top:0}}");
});

test("a class that a selector excludes needs not be used", () => {
  assert.equal(kept(".btn:not(.close):hover{top:0}", "btn"), ".btn:not(.close):hover{top:0}");
});

test("every class of a selector must be used, within brackets too", () => {
  assert.equal(kept(":is(.btn,.row) a{top:0}", "btn"), "");
  assert.equal(kept(":is(.btn,.row) a{top:0}", "btn", "row"), ":is(.btn,.row) a{top:0}");
});

test("frames, statements, comments and quoted signs are no rules", () => {
  const css = '@charset "UTF-8";/* .x{} */@keyframes f{to{top:0}}.btn{background:url("data:a;{}")}';
  assert.equal(kept(css, "btn"), '@charset "UTF-8";@keyframes f{to{top:0}}.btn{background:url("data:a;{}")}');
});
