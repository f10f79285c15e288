/** What can be written at a place of somebody's model: names of Keras, `hp`, and their arguments. Pure. */
import { NAMES } from "./keras-names.js";

const LOOK_BACK = 4000; // characters before the place in which the open bracket is looked for
const MEMBER = /([A-Za-z_][\w.]*)\.(\w*)$/;
const WORD = /(?:^|[(,\s])(\w*)$/;
/** @type {[RegExp, string[]][]} */
const TEXTS = [
  [/\bactivation\s*=\s*["'](\w*)$/, ["activations"]],
  [/\boptimizer\s*=\s*["'](\w*)$/, ["optimizers"]],
  [/\bloss\s*=\s*["'](\w*)$/, ["losses"]],
  [/\bmetrics\s*=\s*\[[^\]]*["'](\w*)$/, ["metrics", "losses"]],
  [/_initializer\s*=\s*["'](\w*)$/, ["initializers"]],
  [/_regularizer\s*=\s*["'](\w*)$/, ["regularizers"]],
];

/**
 * @param {string} before the text up to the place
 * @returns {{ from: number, options: { label: string, apply?: string, type: string, detail?: string, info?: string }[] } | null}
 *   from: where the word that is being written begins
 */
export function completions(before) {
  const text = before.slice(-LOOK_BACK);
  const line = text.slice(text.lastIndexOf("\n") + 1);
  const found = inText(line) ?? inMember(line) ?? inCall(text);
  return found && { from: before.length - found.word.length, options: found.options };
}

/** Names that are written as a text: activation="relu". */
function inText(line) {
  for (const [pattern, modules] of TEXTS) {
    const hit = pattern.exec(line);
    if (!hit) continue;
    const names = new Set(modules.flatMap((module) => NAMES[module].map(([name]) => textName(module, name))).filter(Boolean));
    if (modules[0] === "metrics") names.add("accuracy");
    return { word: hit[1], options: [...names].sort().map((label) => ({ label, type: "text" })) };
  }
  return null;
}

/** How an entry is called in a text; empty where it isn't. */
function textName(module, name) {
  if (module === "optimizers") return /^[A-Z]/.test(name) && name !== "Optimizer" ? name.toLowerCase() : "";
  return /^[a-z]/.test(name) ? name : "";
}

function inMember(line) {
  const hit = MEMBER.exec(line);
  if (!hit) return null;
  const [, path, word] = hit;
  const last = path.split(".").at(-1);
  if (last === "keras") return { word, options: [...Object.keys(NAMES).filter((name) => !["hp", "keras"].includes(name)).map((label) => ({ label, type: "namespace" })), ...optionsOf("keras")] };
  if (last === "hp" || last === "hyperparameters") return { word, options: optionsOf("hp") };
  return last in NAMES ? { word, options: optionsOf(last) } : null;
}

function optionsOf(module) {
  return NAMES[module].map(([label, taken, info]) => ({
    label, info,
    type: module === "hp" ? "method" : /^[A-Z]/.test(label) ? "class" : "function",
    detail: `(${taken.join(", ")})`,
  }));
}

/** Arguments of the call whose bracket is open, without those that are given already. */
function inCall(text) {
  const opened = openBracket(text);
  if (opened < 0) return null;
  const callee = /([A-Za-z_][\w.]*)\s*$/.exec(text.slice(0, opened))?.[1];
  const entry = callee && entryOf(callee);
  const inside = text.slice(opened + 1);
  const word = WORD.exec(inside)?.[1];
  if (!entry || word === undefined || /=\s*\w*$/.test(inside)) return null;
  const given = new Set([...inside.matchAll(/(\w+)\s*=/g)].map(([, name]) => name));
  const options = entry[1].map((each) => each.split("=")).filter(([name]) => !given.has(name))
    .map(([label, usual]) => ({ label: `${label}=`, type: "property", detail: usual ?? "" }));
  return options.length ? { word, options } : null;
}

/** What a call's name stands for; its module, where one is written, decides between namesakes. */
function entryOf(callee) {
  const [name, module] = callee.split(".").reverse();
  const places = module === undefined || module === "keras" ? Object.keys(NAMES).filter((each) => each !== "hp") : [module === "hyperparameters" ? "hp" : module];
  for (const place of places) {
    const entry = NAMES[place]?.find(([each]) => each === name);
    if (entry) return entry;
  }
  return undefined;
}

/** Where the innermost bracket that is still open stands; -1: none, or another kind of bracket. Texts and comments aside. */
function openBracket(text) {
  const plain = text.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*/g, (hit) => " ".repeat(hit.length));
  let depth = 0;
  for (let at = plain.length - 1; at >= 0; at -= 1) {
    if (")]}".includes(plain[at])) depth += 1;
    else if ("([{".includes(plain[at]) && depth-- === 0) return plain[at] === "(" ? at : -1;
  }
  return -1;
}
