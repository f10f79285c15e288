/** Draws parallel coordinates on a canvas. Pure but for the context that is handed in. */
import { heightOf } from "./parallel-layout.js";
import { placeOf, short, shown, ticksOf } from "./parallel-axes.js";
import { faded } from "../lib/palette.js";

const MOST_STROKES = 100; // of one group: lines of one stroke don't darken each other, and many strokes are slow

/** The colour of a group of lines: its own, else its score's or state's. @param {{ kind: string, shade: number, colour?: string }} group */
export const colourOf = (group, theme) => group.colour ?? (group.kind === "scored" ? theme.ramp[group.shade] : group.kind === "all" ? theme.faint : theme.states[group.kind]);

/**
 * Strokes groups of lines; after each batch the caller may stop, or go on in the next frame.
 * @param {CanvasRenderingContext2D} context
 * @param {{ layout: ReportJson, lines: Float32Array }} picture
 * @param {{ kind: string, shade: number, alpha: number, width: number, indices: number[], dash?: number[] }[]} groups
 */
export function* strokes(context, { layout, lines }, groups, theme) {
  context.lineJoin = "round";
  for (const group of groups) {
    const size = Math.ceil(group.indices.length / MOST_STROKES);
    context.strokeStyle = faded(colourOf(group, theme), group.alpha);
    context.lineWidth = group.width;
    context.setLineDash(group.dash ?? []);
    for (let from = 0; from < group.indices.length; from += size) {
      context.beginPath();
      for (const index of group.indices.slice(from, from + size)) trace(context, layout, lines, index);
      context.stroke();
      yield;
    }
  }
  context.setLineDash([]);
}

function trace(context, { xs }, lines, index) {
  const count = xs.length;
  context.moveTo(xs[0], lines[index * count]);
  for (let at = 1; at < count; at += 1) context.lineTo(xs[at], lines[index * count + at]);
  if (count === 1) context.lineTo(xs[0] + 1, lines[index]);
}

/**
 * Single lines above the others: the best, chosen ones, the one under the pointer.
 * @param {CanvasRenderingContext2D} context @param {{ layout: ReportJson, lines: Float32Array }} picture @param {number} index
 * @param {{ colour: string, width: number, dash?: number[], halo?: string }} look
 */
export function strokeOne(context, { layout, lines }, index, { colour, width, dash = [], halo }) {
  context.save();
  context.setLineDash(dash);
  for (const [stroke, size] of /** @type {[string, number][]} */ ([[halo, width + 3], [colour, width]])) {
    if (!stroke) continue;
    context.beginPath();
    trace(context, layout, lines, index);
    context.strokeStyle = stroke;
    context.lineWidth = size;
    context.stroke();
  }
  context.restore();
}

/**
 * Axes with their labels, the lane of those without a value, and the baseline on the score's axis.
 * @param {import("./parallel-axes.js").Axis[]} axes @param {import("./parallel-layout.js").Layout} layout
 * @param {CanvasRenderingContext2D} context @param {Theme} theme
 * @param {{ heads?: boolean, baseline?: number|null }} [how] heads: the names too, for a file; on the page they are buttons
 */
export function paintAxes(context, axes, layout, theme, { heads = false, baseline = null } = {}) {
  context.save();
  context.textBaseline = "middle";
  axes.forEach((axis, at) => {
    const x = layout.xs[at];
    context.strokeStyle = theme.ink2;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, layout.top);
    context.lineTo(x, layout.bottom);
    context.stroke();
    context.font = `11px ${theme.font}`;
    context.textAlign = "right";
    for (const { unit, text } of ticksOf(axis, Math.floor((layout.bottom - layout.top) / 16))) {
      const y = heightOf(layout, shown(axis, unit));
      context.beginPath();
      context.moveTo(x - 3, y);
      context.lineTo(x, y);
      context.stroke();
      lettered(context, text, x - 6, y, theme);
    }
    if (heads) {
      context.font = `600 12px ${theme.font}`;
      context.textAlign = "center";
      lettered(context, short(axis.label, 22), x, layout.top - 18, theme);
    }
  });
  if (layout.lane !== null) paintLane(context, axes, layout, theme);
  if (baseline !== null) paintBaseline(context, axes, layout, theme, baseline);
  context.restore();
}

function paintLane(context, axes, { xs, lane }, theme) {
  context.setLineDash([2, 4]);
  context.strokeStyle = theme.ink2;
  context.beginPath();
  context.moveTo(xs[0], lane);
  context.lineTo(xs.at(-1), lane);
  context.stroke();
  context.setLineDash([]);
  context.font = `11px ${theme.font}`;
  context.textAlign = "right";
  axes.forEach((axis, at) => {
    if (axis.hasGaps) lettered(context, axis.key === "score" ? "no score" : axis.without, xs[at] - 6, lane, theme);
  });
}

function paintBaseline(context, axes, layout, theme, baseline) {
  const at = axes.findIndex(({ key }) => key === "score");
  const unit = at < 0 ? null : placeOf(axes[at], baseline);
  if (unit === null) return;
  const y = heightOf(layout, shown(axes[at], unit));
  const from = at > 0 ? layout.xs[at - 1] + (layout.xs[at] - layout.xs[at - 1]) * 0.45 : layout.xs[at] - 30;
  context.setLineDash([5, 4]);
  context.strokeStyle = theme.ink;
  context.lineWidth = 1.4;
  context.beginPath();
  context.moveTo(from, y);
  context.lineTo(layout.xs[at] + 24, y);
  context.stroke();
  context.setLineDash([]);
  context.font = `11px ${theme.font}`;
  context.textAlign = "left";
  lettered(context, "baseline", layout.xs[at] + 4, y - 8, theme);
}

/** Words with a rim of the ground, so that lines behind do not cross them out. */
function lettered(context, text, x, y, theme) {
  context.lineWidth = 3;
  context.strokeStyle = theme.panel;
  context.lineJoin = "round";
  context.strokeText(text, x, y);
  context.fillStyle = theme.ink;
  context.fillText(text, x, y);
  context.strokeStyle = theme.ink2;
  context.lineWidth = 1;
}
