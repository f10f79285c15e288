/**
 * One script and few style sheets for each kind of page, out of static/js and static/css into static/built.
 * `node experiments/stack/bundle.mjs` in the project's folder; it needs node_modules and takes a fraction of a second.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { keptCss } from "./kept-css.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const BUILT = join(ROOT, "static/built");

const SITE = [
  "bootstrap/js/src/dropdown.js", "./shell.js", "./elements/fresh-part.js", "./elements/wait-for-bundle.js",
  "./elements/wait-for-state.js", "./elements/file-drop.js",
];
/** Modules in the order in which they run. What two scripts of one page share keeps no state and listens to nothing. */
const SCRIPTS = {
  theme: ["./theme.js"],
  site: SITE,
  experiment: [...SITE, "./experiment.js"],
  analysis: [...SITE, "./analysis.js", "./experiment.js"],
  trial: [...SITE, "./trial.js"],
  compare: [...SITE, "./compare.js"],
  "compare-experiments": [...SITE, "./compare-experiments.js"],
  report: [...SITE, "./report.js"],
  "report-edit": ["./report-edit.js"],
  "code-editor": ["./editor/code-editor.js"],
  "code-colours": ["./editor/code-colours.js"],
  forms: [
    "plan-preview", "space-table", "layer-list", "draft-saver", "file-into-text", "clear-selection",
    "condition-fields", "edit-form", "strategy-regret",
  ].map((name) => `./elements/${name}.js`),
  "chart-library": ["./lib/chart-library.js"], // pages ask for it when a chart is drawn
  "chart-svg": ["./lib/chart-svg.js"], // and for this when one is saved as SVG
};
const FONTS = ["@fontsource-variable/inter/wght.css", "@fontsource-variable/jetbrains-mono/wght.css"];
const PRINT = "./print.css"; // at the end of each sheet, for paper only; lib/print-events.js lays a page out by it
const sheets = (...names) => names.map((name) => `./${name}.css`);
/** Classes of Bootstrap that pages use, of 2,026: the rest of its sheet was three quarters of ours. */
const OF_BOOTSTRAP = new Set(`
  active alert alert-danger alert-info alert-success alert-warning breadcrumb btn btn-close btn-danger btn-group btn-link
  btn-outline-danger btn-primary btn-sm d-md-inline d-md-none d-none disabled dropdown dropdown-divider dropdown-header
  dropdown-item dropdown-menu dropdown-menu-end dropup form-check form-check-input form-check-label form-control
  form-control-sm form-select form-select-sm is-invalid h2 mb-0 mb-1 mb-2 mb-3 me-2 ms-auto mt-2 mt-3 my-3 show small
  text-start visually-hidden w-100
`.trim().split(/\s+/));
const SITE_SHEETS = [
  "bootstrap/dist/css/bootstrap.min.css", ...FONTS,
  ...sheets("tokens", "base", "layout", "controls", "components", "states", "tables", "palette", "lists"),
];
/** Sheets in the order in which they win. A page loads `site` or `experiment`, and at most one of the small ones. */
const STYLES = {
  site: [...SITE_SHEETS, PRINT],
  data: [...sheets("data"), PRINT],
  code: [...sheets("code"), PRINT],
  experiment: [...SITE_SHEETS, ...sheets(
    "experiment", "trial-table", "winner", "findings", "analysis",
    "split", "compare", "predictions", "report",
  ), PRINT],
  forms: [...sheets("new-experiment", "space", "model-choice", "plan-meaning", "split", "edit"), PRINT],
  tokens: [...FONTS, ...sheets("tokens")],
  admin: sheets("admin"),
};

/** Entries that exist only here: each imports what the tables above list. */
const pages = {
  name: "pages",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(js|css):/ }, ({ path }) => ({ path, namespace: "page" }));
    onLoad({ filter: /^js:/, namespace: "page" }, ({ path }) => ({
      contents: SCRIPTS[path.slice(3)].map((module) => `export * from "${module}";`).join("\n"),
      resolveDir: join(ROOT, "static/js"),
    }));
    onLoad({ filter: /^css:/, namespace: "page" }, ({ path }) => ({
      contents: STYLES[path.slice(4)].map((sheet) => `@import "${sheet}"${sheet === PRINT ? " print" : ""};`).join("\n"),
      resolveDir: join(ROOT, "static/css"),
      loader: "css",
    }));
    onLoad({ filter: /bootstrap\.min\.css$/ }, ({ path }) => ({
      contents: keptCss(readFileSync(path, "utf8"), OF_BOOTSTRAP),
      loader: "css",
    }));
    onResolve({ filter: /\/chart-(library|svg)\.js$/ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: `./${path.split("/").at(-1)}`, external: true } : undefined);
  },
};

async function bundle(entries, kind) {
  return build({
    entryPoints: Object.fromEntries(Object.keys(entries).map((name) => [name, `${kind}:${name}`])),
    plugins: [pages],
    absWorkingDir: ROOT,
    outdir: BUILT,
    bundle: true,
    minify: true,
    format: "esm",
    target: kind === "js" ? "es2022" : "esnext",
    sourcemap: true,
    metafile: true,
    write: false,
    loader: { ".woff2": "file" },
    assetNames: "fonts/[name]",
    logLevel: "warning",
  });
}

const digest = (path) => createHash("sha256").update(readFileSync(join(ROOT, path))).digest("hex");

/** Whole or not at all: two builds at once, or a reader beside one, see no half file. */
function put(path, contents) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, contents);
  renameSync(`${path}.${process.pid}`, path);
}

const results = [await bundle(SCRIPTS, "js"), await bundle(STYLES, "css")];
const files = results.flatMap(({ outputFiles }) => outputFiles);
for (const { path, contents } of files) put(path, contents);

// What this was made of: experiments/stack/bundle.py compares, and builds again when a source has changed.
const read = results.flatMap(({ metafile }) => Object.keys(metafile.inputs)).filter((path) => path.startsWith("static/"));
const own = ["bundle", "kept-css"].map((name) => `experiments/stack/${name}.mjs`);
const sources = [...new Set([...read, ...own, "package-lock.json"])].sort();
const kept = new Set([...files.map(({ path }) => relative(BUILT, path)), "sources.json"]);
for (const entry of readdirSync(BUILT, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !kept.has(relative(BUILT, path)) && !/\.\d+$/.test(path)) rmSync(path, { force: true });
}
put(join(BUILT, "sources.json"), `${JSON.stringify(Object.fromEntries(sources.map((path) => [path, digest(path)])), null, 1)}\n`);
