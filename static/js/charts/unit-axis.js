/** A hyperparameter as an axis of a Chart.js chart: places from 0 to 1, labelled with its own values. Pure. */
import { numberAt, placeOf, short, ticksOf } from "./parallel-axes.js";
import { axis as scale, tick } from "./scales.js";

/** @param {Theme} theme @param {import("./parallel-axes.js").Axis} axis @param {{ most?: number, grid?: boolean }} more */
export function unitScale(theme, axis, { most = 6, grid = false } = {}) {
  const options = scale(theme, { title: axis.label, min: 0, max: 1, grid });
  options.title.text = short(axis.label, 40);
  options.afterBuildTicks = (built) => {
    built.ticks = ticksBetween(axis, built.min, built.max, most).map(({ unit }) => ({ value: unit }));
  };
  options.ticks.callback = (value) => labelAt(axis, value);
  options.ticks.autoSkip = true;
  return options;
}

/** Labels of the stretch that is seen; when it is enlarged beyond them, its ends and middle. */
export function ticksBetween(axis, low, high, most) {
  const inside = ticksOf(axis, most).filter(({ unit }) => unit >= low - 1e-9 && unit <= high + 1e-9);
  if (inside.length > 1 || axis.kind === "category") return inside;
  return [low, (low + high) / 2, high].map((unit) => ({ unit, text: tick(numberAt(axis, unit)) }));
}

export function labelAt(axis, unit) {
  if (axis.kind !== "category") return tick(numberAt(axis, unit));
  const choice = axis.choices[Math.min(axis.choices.length - 1, Math.floor(unit * axis.choices.length))];
  return short(String(choice), 14);
}

/** Where a value lies; those of one choice are laid side by side, always the same way. */
export function spreadPlace(axis, value, number) {
  const place = placeOf(axis, value);
  if (place === null || axis.kind !== "category") return place;
  const shift = ((Math.imul(number + 1, 2654435761) >>> 0) / 2 ** 32 - 0.5) * 0.5;
  return place + shift / axis.choices.length;
}
