/** Chart.js plugins as plain objects: labels at line ends, and a crosshair. They get the chart handed in. */
import { figures } from "../lib/format.js";

const LINE_HEIGHT = 14;

/**
 * Moves label heights apart so that none covers another.
 * @template {{ y: number }} L
 * @param {L[]} labels @param {number} low @param {number} high
 * @returns {L[]}
 */
export function spreadOut(labels, low, high) {
  const sorted = [...labels].sort((a, b) => a.y - b.y);
  for (let index = 1; index < sorted.length; index += 1) {
    sorted[index].y = Math.max(sorted[index].y, sorted[index - 1].y + LINE_HEIGHT);
  }
  const over = sorted.length ? sorted.at(-1).y - high : 0;
  if (over > 0) {
    sorted.at(-1).y = high;
    for (let index = sorted.length - 2; index >= 0; index -= 1) {
      sorted[index].y = Math.min(sorted[index].y, sorted[index + 1].y - LINE_HEIGHT);
    }
  }
  return sorted.map((label) => ({ ...label, y: Math.max(low, label.y) }));
}

/** "17 · 0.9731" */
export const endLabel = (label, value) => `${label.replace(/^(Trial|Execution) /, "")} · ${figures(value)}`;

const ROOM = 40; // pixels beside the plot; with less there is no place for words

export const endLabels = {
  id: "endLabels",
  afterDatasetsDraw(chart, _args, options) {
    const { ctx, chartArea, scales } = chart;
    if (!options.isOn || chart.width - chartArea.right < ROOM) return;
    /** @type {{ y: number, text: string, colour: string, dash: number[] }[]} */
    const labels = chart.data.datasets
      .filter((dataset) => dataset.isMain && dataset.data.length)
      .map((dataset) => {
        const end = dataset.data.at(-1);
        const text = endLabel(dataset.label, end.raw ?? end.y);
        return { y: scales.y.getPixelForValue(end.y), text, colour: dataset.borderColor, dash: dataset.borderDash ?? [] };
      });
    ctx.save();
    ctx.font = `500 11px ${chart.options.plugins.tooltip.bodyFont.family}`;
    ctx.textBaseline = "middle";
    ctx.fillStyle = options.ink;
    ctx.lineWidth = 2;
    for (const label of spreadOut(labels, chartArea.top, chartArea.bottom)) {
      // Ink for the words: palette colours are too pale to read as text on some grounds.
      const left = chartArea.right + 8;
      ctx.strokeStyle = label.colour;
      ctx.setLineDash(label.dash);
      ctx.beginPath();
      ctx.moveTo(left, label.y);
      ctx.lineTo(left + 16, label.y);
      ctx.stroke();
      ctx.fillText(label.text, left + 21, label.y);
    }
    ctx.restore();
  },
};

export const crosshair = {
  id: "crosshair",
  afterDraw(chart, _args, options) {
    const [active] = chart.tooltip?.getActiveElements?.() ?? [];
    if (!options.isOn || !active) return;
    const { ctx, chartArea } = chart;
    ctx.save();
    ctx.strokeStyle = options.colour;
    ctx.globalAlpha = 0.35;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(active.element.x, chartArea.top);
    ctx.lineTo(active.element.x, chartArea.bottom);
    ctx.stroke();
    ctx.restore();
  },
};
