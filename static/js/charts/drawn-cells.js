/** Chart.js plugins that draw below the points: filled cells in the units of both axes, boxes, whiskers. */

/** options.cells: { x, y, width, height, fill, edge? } with x and y in the middle. */
export const drawnCells = {
  id: "drawnCells",
  beforeDatasetsDraw(chart, _args, options) {
    if (!options.cells?.length) return;
    const { ctx, chartArea, scales } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    for (const { x, y, width, height, fill, isHatched } of options.cells) {
      const [left, right] = [x - width / 2, x + width / 2].map((each) => scales.x.getPixelForValue(each));
      const [top, bottom] = [y + height / 2, y - height / 2].map((each) => scales.y.getPixelForValue(each));
      ctx.fillStyle = fill;
      ctx.fillRect(left, top, right - left - (options.gap ?? 0), bottom - top - (options.gap ?? 0));
      if (isHatched) hatch(ctx, { left, right, top, bottom }, options.ink);
    }
    ctx.restore();
  },
};

/** A thin diagonal: visible without colour. */
function hatch(ctx, { left, right, top, bottom }, ink) {
  ctx.strokeStyle = ink;
  ctx.globalAlpha = 0.35;
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(left + 1, bottom - 1);
  ctx.lineTo(right - 1, top + 1);
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** options.whiskers: { at, from, to, words? } along the value axis; isAcross: it lies along x, words to its right. */
export const whiskers = {
  id: "whiskers",
  afterDatasetsDraw(chart, _args, options) {
    if (!options.whiskers?.length) return;
    const { ctx, scales, chartArea } = chart;
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
    ctx.clip();
    ctx.strokeStyle = options.ink;
    ctx.lineWidth = options.width ?? 1.4;
    for (const { at, from, to, cap = 4, width } of options.whiskers) {
      const across = options.isAcross;
      const [value, place] = across ? [scales.x, scales.y] : [scales.y, scales.x];
      const [start, end] = [value.getPixelForValue(from), value.getPixelForValue(to)];
      const middle = place.getPixelForValue(at);
      ctx.lineWidth = width ?? options.width ?? 1.4;
      ctx.beginPath();
      const line = (a, b, c, d) => (across ? (ctx.moveTo(a, b), ctx.lineTo(c, d)) : (ctx.moveTo(b, a), ctx.lineTo(d, c)));
      line(start, middle, end, middle);
      line(start, middle - cap, start, middle + cap);
      line(end, middle - cap, end, middle + cap);
      ctx.stroke();
    }
    ctx.restore();
    tell(chart, options);
  },
};

function tell({ ctx, chartArea, scales }, options) {
  ctx.save();
  ctx.font = options.font;
  ctx.fillStyle = options.ink;
  ctx.textBaseline = "middle";
  for (const { at, words } of options.whiskers) if (words) ctx.fillText(words, chartArea.right + 10, scales.y.getPixelForValue(at));
  ctx.restore();
}
