/** Dragging over a chart chooses a stretch of its x axis; the chart draws that alone until a double click. */

const LEAST_PIXELS = 8; // less is a click, not a drag

/**
 * The stretch between two pixels of a chart, cut to its area. Pure.
 * @param {number} from @param {number} to @param {{left: number, right: number}} area
 * @returns {[number, number] | null} pixels in order, or null for a click
 */
export function stretch(from, to, area) {
  const [low, high] = [Math.min(from, to), Math.max(from, to)].map((x) => Math.min(area.right, Math.max(area.left, x)));
  return high - low < LEAST_PIXELS ? null : [low, high];
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {() => ReportJson} chartOf
 * @param {(range: {min: number, max: number} | null) => void} choose null: everything again
 * @param {AbortSignal} signal
 */
export function enableZoom(canvas, chartOf, choose, signal) {
  const box = document.createElement("div");
  box.className = "zoom-box";
  box.hidden = true;
  canvas.after(box);
  let from = null;
  const show = (pixels) => {
    box.hidden = !pixels;
    if (!pixels) return;
    box.style.setProperty("--from", `${pixels[0]}px`);
    box.style.setProperty("--width", `${pixels[1] - pixels[0]}px`);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch" && event.button === 0) from = event.offsetX;
  }, { signal });
  canvas.addEventListener("pointermove", (event) => {
    if (from !== null) show(stretch(from, event.offsetX, chartOf().chartArea));
  }, { signal });
  window.addEventListener("pointerup", (event) => {
    if (from === null) return;
    const chart = chartOf();
    const left = canvas.getBoundingClientRect().left;
    const pixels = stretch(from, event.clientX - left, chart.chartArea);
    from = null;
    show(null);
    if (!pixels) return;
    const [min, max] = pixels.map((pixel) => chart.scales.x.getValueForPixel(pixel));
    canvas.dataset.dragged = "yes"; // the click that follows opens nothing
    choose({ min, max });
  }, { signal });
  canvas.addEventListener("dblclick", () => choose(null), { signal });
}
