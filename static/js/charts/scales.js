/** Parts that every chart shares: axes, tooltip, fonts. Pure. */
import { figures } from "../lib/format.js";

/**
 * @param {Theme} theme
 * @param {{ title?: string, type?: string, min?: number, max?: number, integer?: boolean, grid?: boolean }} [options]
 * @returns {Record<string, any>}
 */
export function axis(theme, { title, type = "linear", min, max, integer = false, grid = true } = {}) {
  const ticks = { color: theme.ink2, font: { family: theme.font, size: 11 }, maxRotation: 0, autoSkipPadding: 14 };
  if (integer) ticks.precision = 0;
  else ticks.callback = (value) => tick(value);
  return {
    type,
    min,
    max,
    title: { display: Boolean(title), text: title, color: theme.ink2, font: { family: theme.font, size: 11 } },
    grid: { display: grid, color: theme.grid, drawTicks: false },
    border: { display: false },
    ticks: { padding: 6, maxTicksLimit: 8, ...ticks },
  };
}

/** A tick's label: as short as its value allows. */
export function tick(value) {
  if (value === 0) return "0";
  const text = figures(value);
  if (text.includes("e")) return text;
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

/**
 * Points from left to right. Chart.js takes data that it doesn't parse for sorted: of others it draws
 * some, finds some under the pointer, and ends the axis where the last one lies.
 */
export function inOrder(config) {
  for (const dataset of config.data.datasets) {
    if ((dataset.type ?? config.type) === "scatter" && dataset.data.some(({ x }, at) => at && x < dataset.data[at - 1].x)) dataset.data = [...dataset.data].sort((a, b) => a.x - b.x);
  }
  return config;
}

/** Options of every chart: no animation, nothing parsed, one look of tooltips. @param {Theme} theme @returns {Record<string, any>} */
export function frame(theme) {
  return {
    parsing: false,
    normalized: true,
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "nearest", intersect: false, axis: "xy" },
    plugins: {
      legend: { display: false },
      tooltip: {
        backgroundColor: theme.panel,
        borderColor: theme.grid,
        borderWidth: 1,
        titleColor: theme.ink,
        bodyColor: theme.ink,
        titleFont: { family: theme.font, size: 12, weight: 600 },
        bodyFont: { family: theme.font, size: 12 },
        padding: 8,
        boxPadding: 4,
        cornerRadius: 6,
        usePointStyle: true,
      },
    },
  };
}
