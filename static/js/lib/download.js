/** Saves what a chart or table shows as a file. */

/** @param {Rows} rows the first one holds the heads */
export function csv(rows) {
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    // A spreadsheet would run a word that begins like a formula.
    const safe = typeof value === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

export function saveText(text, name, type = "text/csv") {
  const address = URL.createObjectURL(new Blob([text], { type }));
  saveAddress(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function saveAddress(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}
