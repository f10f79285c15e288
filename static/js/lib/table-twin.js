/** A chart's numbers as a table. */
import { plain } from "./format.js";

const MOST_ROWS = 1000; // the CSV holds all

/** What stands in the place of a chart's table. @param {Rows} table heads, then rows */
export function tableTwin([heads, ...rows]) {
  const table = document.createElement("table");
  table.className = "table-dense";
  const headRow = table.createTHead().insertRow();
  for (const head of heads) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.className = "num";
    cell.textContent = String(head);
    headRow.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows.slice(0, MOST_ROWS)) {
    const line = body.insertRow();
    for (const value of row) {
      const cell = line.insertCell();
      cell.className = "num";
      cell.textContent = plain(value);
      if (typeof value === "number") cell.title = String(value);
    }
  }
  return rows.length > MOST_ROWS ? [table, `The first ${MOST_ROWS} of ${rows.length} rows; the CSV holds all.`] : [table];
}
