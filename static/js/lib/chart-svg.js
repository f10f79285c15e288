/** A chart as SVG: Chart.js draws it once more, with a pen that writes elements. Loaded when one is asked for. */
import { Context } from "svgcanvas/dist/svgcanvas.esm.js";

const SVG = "http://www.w3.org/2000/svg";
const FONT = /^(?:(normal|italic|oblique) )?(?:(normal|bold|lighter|bolder|\d+) )?([\d.]+px)(?:\/\S+)? (.+)$/;
const ANCHORS = { left: "start", start: "start", center: "middle", right: "end", end: "end" };
const BASELINES = { alphabetic: "alphabetic", hanging: "hanging", top: "text-before-edge", bottom: "text-after-edge", middle: "central" };

/** Words without a style attribute, which svgcanvas reads a font by and the page's policy refuses. */
class Pen extends Context {
  __applyText(text, x, y, action) {
    const [, style = "normal", weight = "normal", size = "10px", family = "sans-serif"] = FONT.exec(this.font) ?? [];
    const words = this.__createElement("text", {
      x, y, "font-family": family, "font-size": size, "font-style": style, "font-weight": weight,
      "text-anchor": ANCHORS[this.textAlign] ?? "start", "dominant-baseline": BASELINES[this.textBaseline] ?? "alphabetic",
    }, true);
    words.textContent = text;
    this.__closestGroupOrSvg().append(words); // before it is the current element, whose group is asked for
    this.__currentElement = words;
    this.__applyTransformation(words);
    this.__applyStyleToCurrentElement(action);
  }
}

/**
 * @param {new (canvas: HTMLCanvasElement, config: Options) => ReportJson} Chart of chart.js
 * @param {ChartConfig & { plugins: ChartPlugin[] }} config a fresh one
 * @param {{ width: number, height: number, ground: string, title: string }} look size in CSS pixels
 * @returns {string} a whole file
 */
export function chartSvg(Chart, config, { ground, title, ...size }) {
  // Whole pixels, as a canvas has: with half a one the pen takes the clearing for a part of it, and paints that white.
  const [width, height] = [Math.floor(size.width), Math.floor(size.height)];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  // A line with `segment` is drawn by plain commands; another one by a Path2D, which no element can be read from.
  for (const dataset of config.data.datasets) dataset.segment ??= {};
  Object.assign(config.options, { responsive: false, animation: false, devicePixelRatio: 1, events: [] });
  const chart = new Chart(canvas, config);
  try {
    return drawn(chart, { width, height, ground, title });
  } finally {
    chart.destroy();
  }
}

function drawn(chart, { width, height, ground, title }) {
  const pen = new Pen({ width, height });
  const own = chart.ctx;
  const holders = [...Object.values(chart.scales).map((scale) => [scale, "ctx"]), [chart, "ctx"]];
  for (const { controller } of chart.getSortedVisibleDatasetMetas()) holders.push([controller, "_ctx"]);
  for (const [holder, name] of holders) holder[name] = pen;
  chart.draw();
  for (const [holder, name] of holders) holder[name] = own;
  const svg = pen.getSvg();
  for (const [name, value] of [["viewBox", `0 0 ${width} ${height}`], ["role", "img"]]) svg.setAttribute(name, value);
  const panel = document.createElementNS(SVG, "rect");
  for (const [name, value] of [["width", width], ["height", height], ["fill", ground]]) panel.setAttribute(name, value);
  const words = document.createElementNS(SVG, "title");
  words.textContent = title;
  svg.prepend(words, panel);
  return new XMLSerializer().serializeToString(svg);
}
