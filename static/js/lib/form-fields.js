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
 * The controls that somebody changed before the scripts were there to hear it.
 * @param {HTMLFormElement} form
 */
export function changedControls(form) {
  return /** @type {HTMLInputElement[]} */ ([...form.elements]).filter((control) => control.type !== "hidden" && isChanged(control));
}

function isChanged(control) {
  if (control.type === "radio" || control.type === "checkbox") {
    return control.checked !== control.defaultChecked;
  }
  if (control.options) {
    const options = [...control.options];
    return control.value !== (options.find((option) => option.defaultSelected) ?? options[0])?.value;
  }
  return "defaultValue" in control && control.value !== control.defaultValue;
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
