/** How much each hyperparameter moves the score, as bars with intervals. Pure: report to Chart.js config. */
import { axis, frame } from "./scales.js";
import { short } from "./parallel-axes.js";
import { full, plain, thousands } from "../lib/format.js";
import { faded } from "../lib/palette.js";

const MOST_BARS = 14;
const MOST_OF_TWO_LINES = 8; // bars whose names have room for their condition below them
const NEWS = 0.1; // more trials that ended, as a share, before it is asked anew
const WIDEST = 1; // a share can't be more than all; an interval may reach beyond

/** "units × dropout" */
export const effectName = (names, labelOf) => names.map(labelOf).join(" × ");

/** "where optimizer is sgd" */
export function conditionWords(conditions) {
  const each = conditions.map(({ name, values }) => `${name} is ${values.slice(0, 3).map(plain).join(" or ")}${values.length > 3 ? " or others" : ""}`);
  return each.length ? `where ${each.join(" and ")}` : "";
}

/** Every effect with its study, single ones of all trials first. */
export function bars({ studies }) {
  return studies.flatMap((study) => study.effects.map((effect) => ({ ...effect, study })));
}

/** The bars that are drawn: the largest, and of the pairs only those that are significant. */
export function drawnBars(report) {
  const every = bars(report).filter(({ names, low }) => names.length === 1 || low > 0);
  if (every.length <= MOST_BARS) return every;
  const least = every.map(({ share }) => share).sort((a, b) => b - a)[MOST_BARS - 1];
  return every.filter(({ share }) => share >= least).slice(0, MOST_BARS);
}

/** @param {{ studies: ReportJson[], labelOf: (key: string) => string }} report */
export function importanceConfig(report, theme) {
  const drawn = drawnBars(report);
  const base = frame(theme);
  const isSignificant = ({ low }) => low > 0;
  base.indexAxis = "y";
  base.plugins.tooltip.callbacks = {
    title: ([item]) => (item ? effectName(drawn[item.dataIndex].names, report.labelOf) : ""),
    label: ({ dataIndex }) => barWords(drawn[dataIndex]),
  };
  base.plugins.whiskers = {
    isAcross: true,
    ink: theme.ink,
    font: `500 11px ${theme.font}`,
    whiskers: drawn.map(({ low, high, share }, at) => ({ at, from: Math.max(0, low), to: Math.min(WIDEST, Math.max(0, high)), words: shareWords(share, high) })),
  };
  const labels = drawn.map(({ names, study }) => {
    const name = short(effectName(names, report.labelOf), 26);
    if (!study.conditions.length) return name;
    const where = conditionWords(study.conditions);
    return drawn.length > MOST_OF_TWO_LINES ? `${short(name, 12)} ${short(where, 18)}` : [name, short(where, 20)];
  });
  base.layout = { padding: { right: 84 } };
  const highest = Math.max(0.1, ...drawn.map(({ high, share }) => Math.min(1, Math.max(high, share))));
  base.scales = {
    x: axis(theme, { title: "Share of the score's variance", min: 0, max: Math.min(1, Math.ceil(highest * 10) / 10) }),
    y: { ...axis(theme, { type: "category", grid: false }), labels },
  };
  base.scales.x.ticks.includeBounds = false;
  base.scales.y.ticks = { ...base.scales.y.ticks, callback: (_, at) => labels[at], autoSkip: false, color: theme.ink };
  const data = drawn.map((effect, at) => ({ x: Math.max(0, effect.share), y: at }));
  return {
    type: "bar",
    data: {
      labels,
      datasets: [
        {
          data,
          backgroundColor: drawn.map((effect) => faded(theme.accent, isSignificant(effect) ? (effect.names.length > 1 ? 0.45 : 0.8) : 0.15)),
          borderColor: drawn.map((effect) => (isSignificant(effect) ? theme.accent : theme.ink2)),
          borderWidth: drawn.map((effect) => (isSignificant(effect) ? 0 : 1)),
          barPercentage: 0.7,
          maxBarThickness: 18,
        },
      ],
    },
    options: base,
  };
}

function barWords({ share, low, high, study, names }) {
  const doubt = low > 0 ? "" : " · not significant";
  const kind = names.length > 1 ? "by interaction" : "alone";
  return [`${percent(share)} ${kind}, 95 % interval ${percent(low)} to ${percent(high)}${doubt}`, `share ${full(share)} of ${full(low)} to ${full(high)}`, `${thousands(study.used)} trials ${conditionWords(study.conditions)}`.trim()];
}

/** "0.58 ± 0.06" */
const shareWords = (share, high) => `${Math.max(0, share).toFixed(2)} ± ${(high - share).toFixed(2)}`;
const percent = (share) => `${Math.round(Math.min(1, Math.max(0, share)) * 100)} %`;

export function importanceRows(report) {
  const heads = ["Hyperparameter", "Share", "Low (95 %)", "High (95 %)", "Trials", "Condition"];
  return [heads, ...bars(report).map(({ names, share, low, high, study }) => [effectName(names, report.labelOf), share, low, high, study.used, conditionWords(study.conditions)])];
}

/** Why there is nothing to draw; empty: there is. */
export function importanceEmpty({ studies, least, used, outside = 0 }) {
  if (studies.some(({ effects }) => effects.length)) return "";
  if (!studies.length) return "The space has no tuned hyperparameter";
  const [first] = studies;
  if (first.state === "equal") return "All trials have the same score";
  if (first.state === "unclear") return `No significant effect in ${thousands(first.used)} trials yet`;
  const needed = `Importance needs ${least} trials with a score; ${thousands(used)} so far`;
  return outside ? `${needed}. ${outsideWords(outside)}` : needed;
}

/** Why earlier trials fell out: a fixed, narrowed or dropped hyperparameter leaves their values behind. */
const outsideWords = (outside) => `${thousands(outside)} earlier ${outside === 1 ? "trial" : "trials"} left out: outside the edited search space`;

/** @type {Record<string, string>} */
const WITHOUT_ESTIMATE = { equal: "all scores are equal", unclear: "not significant yet", left_out: "not computed: too many conditions" };

/** What was left out, and what is not significant. */
export function importanceNote({ studies, ended, read, used, outside = 0, pruned, failed, least, labelOf }) {
  const words = [`${thousands(used)} trials`];
  if (read < ended) words[0] += `, sampled from ${thousands(ended)}`;
  if (pruned) words.push(`${thousands(pruned)} pruned, with the value at their last rung`);
  if (outside && studies.some(({ effects }) => effects.length)) words.push(outsideWords(outside));
  if (read > used + outside) words.push(`${thousands(read - used - outside)} left out: score not finite`);
  if (failed) words.push(`${thousands(failed)} failed, left out`);
  for (const { state, names, n, conditions } of studies.slice(1)) {
    const who = names.map(labelOf).join(", ");
    const why = state === "few" ? `${n} of ${least} trials` : WITHOUT_ESTIMATE[state];
    if (why) words.push(`${who} ${conditionWords(conditions)}: ${why}`);
  }
  return words.join(" · ");
}

/** @type {import("../elements/analysis-chart.js").ChartSpec} */
export const hyperparameterImportance = {
  config: importanceConfig, rows: importanceRows, note: importanceNote, empty: importanceEmpty,
  news: ({ store }) => store.own.state.filter((state) => state === "completed" || state === "pruned").length,
  isOld: (now, then) => now >= then * (1 + NEWS) + 1,
};
