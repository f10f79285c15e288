/** A chart saved as a file. */
import { csv, saveAddress, saveText } from "./download.js";

export const KINDS = ["png", "svg", "csv"];

/**
 * Once it is drawn: Chart.js may still be on its way. Without a file, the chart's note says why.
 * @param {import("../elements/chart-element.js").ChartElement} chart @param {string} kind of KINDS @param {string} stem
 */
export async function saveChart(chart, kind, stem) {
  await chart.waits;
  if (!chart.report) {
    chart.note("Nothing to save: the chart is empty.");
    return;
  }
  const name = `${stem}.${kind}`;
  try {
    if (kind === "png") saveAddress(chart.picture(), name);
    if (kind === "svg") saveText(await chart.toSvg(), name, "image/svg+xml");
    if (kind === "csv") saveText(csv(chart.buildRows(chart.report)), name);
  } catch (error) {
    chart.note(`The file could not be created. ${error.message}`);
  }
}
