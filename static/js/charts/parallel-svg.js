/** Parallel coordinates as an SVG file: real lines and real words. Pure. */
import { heightOf } from "./parallel-layout.js";
import { placeOf, short, shown, ticksOf } from "./parallel-axes.js";
import { colourOf } from "./parallel-paint.js";

const escaped = (text) => String(text).replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
const px = (value) => String(Math.round(value * 10) / 10);

/**
 * @param {{ axes: import("./parallel-axes.js").Axis[], layout: ReportJson, lines: Float32Array, groups: ReportJson[], title: string, baseline: number|null }} picture
 * @param {Theme} theme of lib/palette.js
 * @returns {string}
 */
export function parallelSvg({ axes, layout, lines, groups, title, baseline }, theme) {
  const { width, height, xs } = layout;
  const line = (index) => xs.map((x, at) => `${px(x)},${px(lines[index * xs.length + at])}`).join(" ");
  const drawn = groups.map((group) => {
    const members = group.indices.map((index) => `<polyline points="${line(index)}"/>`).join("");
    return `<g fill="none" stroke="${escaped(colourOf(group, theme))}" stroke-opacity="${group.alpha.toFixed(3)}" stroke-width="${group.width}"${group.dash?.length ? ` stroke-dasharray="${group.dash.join(" ")}"` : ""}>${members}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${px(width)}" height="${px(height)}" viewBox="0 0 ${px(width)} ${px(height)}" font-family="${escaped(theme.font)}" font-size="11">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" fill="${escaped(theme.panel)}"/>`,
    ...drawn,
    ...axes.map((axis, at) => axisSvg(axis, xs[at], layout, theme)),
    baselineSvg(axes, layout, theme, baseline),
    "</svg>",
  ].join("\n");
}

function axisSvg(axis, x, layout, theme) {
  const words = (text, at, y, more = 'text-anchor="end"') =>
    `<text x="${px(at)}" y="${px(y)}" dominant-baseline="middle" fill="${escaped(theme.ink)}" stroke="${escaped(theme.panel)}" stroke-width="3" paint-order="stroke" ${more}>${escaped(text)}</text>`;
  const ticks = ticksOf(axis, Math.floor((layout.bottom - layout.top) / 16)).map(({ unit, text }) => words(text, x - 6, heightOf(layout, shown(axis, unit))));
  const lane = layout.lane !== null && axis.hasGaps ? words(axis.key === "score" ? "no score" : axis.without, x - 6, layout.lane) : "";
  const head = words(short(axis.label, 22), x, layout.top - 18, 'text-anchor="middle" font-weight="600" font-size="12"');
  return `<line x1="${px(x)}" x2="${px(x)}" y1="${px(layout.top)}" y2="${px(layout.bottom)}" stroke="${escaped(theme.ink2)}"/>${ticks.join("")}${lane}${head}`;
}

function baselineSvg(axes, layout, theme, baseline) {
  const at = baseline === null ? -1 : axes.findIndex(({ key }) => key === "score");
  if (at < 0) return "";
  const y = heightOf(layout, shown(axes[at], placeOf(axes[at], baseline)));
  return `<line x1="${px(layout.xs[at] - 40)}" x2="${px(layout.xs[at] + 24)}" y1="${px(y)}" y2="${px(y)}" stroke="${escaped(theme.ink)}" stroke-dasharray="5 4"><title>baseline ${escaped(baseline)}</title></line>`;
}
