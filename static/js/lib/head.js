/** Writes a live report's numbers into the head of the page, wherever a data-head names them. */
import { el, svg } from "./dom.js";
import { duration, durationRange, figures, plain, spread, thousands } from "./format.js";
import { stateBadge } from "./states.js";

const DRAWN = ["completed", "pruned", "stopped", "failed", "paused", "running"];
/** States in which trials may still be given out or run. */
export const ACTIVE = new Set(["queued", "running", "pausing", "stopping"]);

/** Stretches of the progress bar in thousandths. Pure. */
export function segments({ counts, max_trials, total }) {
  const width = 1000 / Math.max(max_trials, total, 1);
  let left = 0;
  return DRAWN.filter((state) => counts[state]).map((state) => {
    const part = { state, count: counts[state], left, width: counts[state] * width };
    left += part.width;
    return part;
  });
}

function write(name, make) {
  for (const place of document.querySelectorAll(`[data-head="${name}"]`)) make(place);
}

function text(name, words) {
  write(name, (place) => {
    if (place.textContent !== words) place.textContent = words;
  });
}

function writeTimes(head) {
  text("left", head.seconds_left ? `${durationRange(head.seconds_left)} left · ` : "");
  text("used", `${duration(head.seconds_used)} used`);
}

let shown = "";

/** @param {ReportJson} head `experiment` of a live report @param {string} page the experiment's address */
export function writeHead(head, page) {
  writeTimes(head);
  const { seconds_used: _used, seconds_left: _left, ...rest } = head;
  const words = JSON.stringify([page, rest]);
  if (words === shown) return; // an epoch changes the times alone: nothing else is to be laid out again
  shown = words;
  write("state", (place) => place.replaceChildren(stateBadge(head.state)));
  write("segments", (place) => {
    place.replaceChildren(...segments(head).map((part) => rect(part)));
    place.setAttribute("aria-label", `${head.settled} of ${head.max_trials} trials`);
  });
  text("settled", thousands(head.settled));
  text("max_trials", thousands(head.max_trials));
  text("total", thousands(head.total));
  text("running", String(head.counts.running));
  text("parallel", String(head.parallel));
  text("failed", thousands(head.counts.failed));
  write("failed", (place) => place.classList.toggle("worse", head.counts.failed > 0));
  text("raced", head.raced);
  write("raced", (place) => {
    place.hidden = !head.raced;
  });
  text("reason", head.reason);
  write("reason", (place) => {
    place.hidden = !head.reason;
    place.classList.toggle("note-danger", head.state === "failed");
  });
  write("best", (place) => place.replaceChildren(...best(head, page)));
  write("expected", (place) => place.replaceChildren(...expected(head.best?.expected)));
  write("warnings", (place) => place.replaceChildren(...head.warnings.map((each) => warning(each, page))));
  write("winner", (place) => writeWinner(place, head, page));
  write("values", (place) => place.replaceChildren(...values(head.best_values)));
  for (const place of document.querySelectorAll("[data-count]")) {
    const count = head.counts[place.dataset.count] ?? 0;
    place.hidden = !count;
    place.querySelector("[data-number]").textContent = thousands(count);
  }
  for (const form of document.querySelectorAll("[data-states]")) {
    form.hidden = !form.dataset.states.split(" ").includes(head.state);
  }
}

function rect(part) {
  const shape = svg("rect", { class: `state-${part.state}`, x: part.left.toFixed(2), width: part.width.toFixed(2), height: "1" });
  const title = svg("title");
  title.textContent = `${part.count} ${part.state}`;
  shape.append(title);
  return shape;
}

function best({ best: found, settled }, page) {
  if (!found) return [el("span", { class: "faint" }, "–"), " ", el("small", {}, settled ? "no completed trial" : "no finished trial yet")];
  const parts = [el("span", { class: "num", title: String(found.score) }, figures(found.score)), " "];
  if (found.spread !== null) {
    const title = `standard deviation over ${found.n} executions: ${found.spread}`;
    parts.push(el("span", { class: "quiet num", title }, `± ${spread(found.spread)}`), " ");
  }
  parts.push(el("small", {}, el("a", { href: `${page}trials/${found.number}/` }, `trial ${found.number}`)));
  return parts;
}

/** The best trial's score on new rows with its interval, or why there is none. */
function expected(found) {
  if (typeof found?.value !== "number") return [el("span", { class: "faint" }, "–"), " ", el("small", {}, found?.note ?? "computed when a winner is named")];
  const interval = found.low === null ? [] : [" ", el("small", { class: "num" }, `${figures(found.low)} to ${figures(found.high)} (95 %)`)];
  return [el("span", { class: "num", title: found.note }, figures(found.value)), ...interval];
}

/** A baseline that is at least as good as the winner, with its model. */
function warning({ words, model }, page) {
  const link = model ? [" ", el("a", { href: modelAddress(model, page) }, "Download its model")] : [];
  return el("p", { class: "note note-warning" }, words, ...link);
}

/** The trial to hand over, beside the one with the best score. */
function writeWinner(place, { recommended: found, download }, page) {
  place.hidden = !found;
  if (!found) return;
  const part = (name) => place.querySelector(`[data-winner="${name}"]`);
  const address = `${page}trials/${found.number}/`;
  part("link").setAttribute("href", address);
  part("link").textContent = `trial ${found.number}`;
  part("score").textContent = figures(found.score) + (found.spread === null ? "" : ` ± ${spread(found.spread)}`);
  part("other").textContent = found.number === found.observed ? ", the best score so far" : `, not trial ${found.observed} with the best score`;
  part("reason").textContent = found.reason;
  if (part("expected")) {
    part("expected").textContent = found.expected.text;
    part("expected-note").textContent = found.expected.note;
  }
  if (part("download")) writeDownload(part, download, page);
}

/** The model to hand over: the refit on all rows once there is one, else that of one training run. */
function writeDownload(part, download, page) {
  const model = download?.refit ?? download?.own;
  part("download").hidden = !model;
  part("refit").hidden = Boolean(download?.refit);
  part("model").textContent = model ? model.words[0].toUpperCase() + model.words.slice(1) : "";
  if (model) part("download").setAttribute("href", modelAddress(model, page));
}

function modelAddress(model, page) {
  return `${page.replace(/[^/]+\/$/, `${model.code}/`)}trials/${model.number}/model.zip`;
}

/** The best trial's values of the hyperparameters that vary. */
function values(found) {
  const pairs = Object.entries(found ?? {});
  if (pairs.length === 0) return [el("span", { class: "faint" }, "–")];
  return pairs.map(([name, value]) => el("span", {}, el("span", { class: "quiet" }, name), ` ${plain(value)}`));
}

/** "42 % · name · Tuning Site" while it runs; afterwards a mark of its end may stay. Pure. */
export function tabTitle(title, head) {
  const bare = title.replace(/^\d+ % · /, "");
  return ACTIVE.has(head.state) ? `${head.percent} % · ${bare.replace(/^[✓✕■‖] · /, "")}` : bare;
}
