/** What a form would post, and where its errors stand. */

/** @param {HTMLFormElement} form */
export function formBody(form) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string") body.append(name, value);
  }
  return body;
}

/**
 * Whether something was typed before the scripts were there to hear it.
 * @param {HTMLFormElement} form
 */
export function isTouched(form) {
  return [...form.elements].some(
    (control) => control.type !== "hidden" && "defaultValue" in control && control.value !== control.defaultValue,
  );
}

/**
 * Problems by row of the space, the others by field.
 * @param {{field: string, label: string, message: string}[]} problems
 */
export function placeProblems(problems) {
  const fields = new Map();
  const rows = new Map();
  const cells = new Set();
  for (const { field, label, message } of problems) {
    const row = /^space-(\d+)-/.exec(field);
    if (row) {
      cells.add(field);
      rows.set(row[1], [...(rows.get(row[1]) ?? []), `${label}: ${message}`]);
    } else if (!fields.has(field)) {
      fields.set(field, message);
    }
  }
  return { fields, rows, cells };
}
