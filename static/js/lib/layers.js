/** A layer list as data: moves, changes and searched parameters. Pure; `layer-list.js` draws it. */

/** @typedef {{kind: string, params: Record<string, any>}} Layer */

/** @param {string} text */
export function readLayers(text) {
  try {
    const read = JSON.parse(text);
    return Array.isArray(read) ? read.filter((layer) => layer && typeof layer === "object") : [];
  } catch {
    return [];
  }
}

/** @param {{kind: string, params: {name: string, default: any}[]}} kind */
export function newLayer(kind) {
  const params = Object.fromEntries(kind.params.map((param) => [param.name, param.default]));
  return { kind: kind.kind, params };
}

/** @param {Layer[]} layers */
export function moved(layers, from, to) {
  if (to < 0 || to >= layers.length) return layers;
  const copy = [...layers];
  copy.splice(to, 0, ...copy.splice(from, 1));
  return copy;
}

/** @param {Layer[]} layers */
export function removed(layers, index) {
  return layers.filter((_, place) => place !== index);
}

/** @param {Layer[]} layers */
export function withParam(layers, index, name, value) {
  return layers.map((layer, place) =>
    place === index ? { ...layer, params: { ...layer.params, [name]: value } } : layer,
  );
}

/** Whether a parameter is searched rather than fixed. */
export function isSearched(value) {
  return value !== null && typeof value === "object" && "search" in value;
}

/** What was typed, as the parameter's type; text that is no number stays text for the server to name. */
export function typedValue(text, type) {
  if (type !== "int" && type !== "float") return text;
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

/** The name that a searched parameter has in the space, such as dense_1_units. */
export function rowName(layers, index, param) {
  const { kind } = layers[index];
  const count = layers.slice(0, index + 1).filter((layer) => layer.kind === kind).length;
  return `${kind}_${count}_${param}`;
}
