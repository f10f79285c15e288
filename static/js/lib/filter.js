/** The typed filter of trial tables; experiments/web/filters.py is its twin and tells the grammar. */

export class FilterError extends Error {}

const TOKEN = /\s*(?:("[^"]*"|'[^']*')|(<=|>=|!=|=|<|>|\(|\)|,)|([^\s<>=!(),"']+))/y;
const BRACKETS = new Set(["(", ")"]);
const MARKS = new Set(["(", ")", ",", "=", "!=", "<", "<=", ">", ">="]);
const COMPARE = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function tokensOf(text) {
  const whole = text.trimEnd();
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < whole.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(whole);
    if (!match) throw new FilterError(`Can't read the filter at "${whole.slice(at).trim().slice(0, 20)}".`);
    tokens.push(match[1] ?? match[2] ?? match[3]);
  }
  return tokens;
}

function word(token) {
  if (MARKS.has(token)) throw new FilterError(`Expected a value, got "${token}".`);
  return /^["']/.test(token) ? token.slice(1, -1) : token;
}

/**
 * @param {string} text
 * @param {string[]} names columns that may be asked for
 * @returns {(valueOf: (name: string) => unknown) => boolean} whether a row passes
 */
export function parseFilter(text, names) {
  const tokens = tokensOf(text);
  if (!tokens.length) return () => true;
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  let at = 0;
  const take = (wanted) => {
    if (at >= tokens.length) throw new FilterError(`Expected ${wanted} at the end of the filter.`);
    return tokens[at++];
  };
  const list = () => {
    if (take('"("') !== "(") throw new FilterError('"in" needs a list: in (adam, sgd).');
    const values = [word(take("a value"))];
    for (let mark = take('")"'); mark !== ")"; mark = take('")"')) {
      if (mark !== ",") throw new FilterError(`Expected a comma or ")" before "${mark}".`);
      values.push(word(take("a value")));
    }
    return values;
  };
  const condition = () => {
    const written = take("a name");
    if (MARKS.has(written)) throw new FilterError(`Expected a column, got "${written}".${BRACKETS.has(written) ? " Parentheses are only for lists; \"and\" binds before \"or\"." : ""}`);
    const name = known.get(written.toLowerCase());
    if (name === undefined) {
      const some = [...names].sort().slice(0, 8).join(", ");
      throw new FilterError(`There is no column "${written}". Try one of: ${some}.`);
    }
    const op = take("an operator like = or >");
    if (op.toLowerCase() === "in") return { name, op: "in", values: list() };
    if (!Object.hasOwn(COMPARE, op)) {
      throw new FilterError(`"${op}" is not a comparison. Use =, !=, <, <=, >, >= or in (…).`);
    }
    return { name, op, values: [word(take("a value"))] };
  };
  const groups = [[condition()]];
  while (at < tokens.length) {
    const joint = take("and");
    if (joint.toLowerCase() === "and") groups.at(-1).push(condition());
    else if (joint.toLowerCase() === "or") groups.push([condition()]);
    else throw new FilterError(`Expected "and" or "or" before "${joint}".`);
  }
  return (valueOf) => groups.some((group) => group.every((each) => holds(each, valueOf(each.name))));
}

function holds({ op, values }, found) {
  if (op === "in") return values.some((value) => compares("=", found, value));
  return compares(op, found, values[0]);
}

function compares(op, found, wanted) {
  if (found === null || found === undefined) return op === "!=";
  if (typeof found === "boolean") {
    return COMPARE[op](Number(found), Number(["yes", "true", "1"].includes(wanted.toLowerCase())));
  }
  if (typeof found === "number") {
    const number = wanted.trim() === "" ? NaN : Number(wanted);
    return Number.isNaN(number) ? op === "!=" : COMPARE[op](found, number);
  }
  return COMPARE[op](String(found).toLowerCase(), wanted.toLowerCase());
}
