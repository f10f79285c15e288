/** Canvases as sharp as the screen, or the paper. */
import { isPrinting, PAPER_RATIO } from "./print.js";

/** @param {HTMLCanvasElement} canvas @param {{ width: number, height: number }} size in CSS pixels */
export function fit(canvas, { width, height }) {
  const ratio = isPrinting() ? PAPER_RATIO : Math.min(2, window.devicePixelRatio || 1);
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

export function cleared(canvas) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}

/** Draw one canvas below what another of the same size holds: of layers, a print may show the last alone. */
export function drawBelow(upper, lower) {
  const context = upper.getContext("2d");
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = "destination-over";
  context.drawImage(lower, 0, 0);
  context.restore();
}
