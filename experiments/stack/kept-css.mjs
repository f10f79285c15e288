/** A style sheet cut down to the classes that pages use. Node.js only, no packages. */

/**
 * @param {string} css a whole sheet: rules, and rules within at-rules
 * @param {Set<string>} names classes to keep; a selector stays when it names no other one, but for those in `:not()`
 */
export function keptCss(css, names) {
  return blocks(css.replace(/\/\*[\s\S]*?\*\//g, ""))
    .map(({ head, body }) => keptBlock(head, body, names))
    .join("");
}

function keptBlock(head, body, names) {
  if (body === null) return head; // a statement such as @charset
  if (/^@(media|supports|layer|container)/.test(head)) {
    const inner = keptCss(body, names);
    return inner && `${head}{${inner}}`;
  }
  if (head.startsWith("@")) return `${head}{${body}}`;
  const selectors = parts(head).filter((selector) => isKept(selector, names));
  return selectors.length ? `${selectors.join(",")}{${body}}` : "";
}

function isKept(selector, names) {
  const asked = selector.replace(/:not\([^)]*\)/g, "").match(/\.-?[a-zA-Z_][\w-]*/g) ?? [];
  return asked.every((name) => names.has(name.slice(1)));
}

/** Selectors of a list; commas within brackets part nothing. */
function parts(head) {
  const found = [];
  let [depth, begun] = [0, 0];
  for (let at = 0; at <= head.length; at += 1) {
    if (head[at] === "(" || head[at] === "[") depth += 1;
    else if (head[at] === ")" || head[at] === "]") depth -= 1;
    if (at === head.length || (head[at] === "," && !depth)) {
      found.push(head.slice(begun, at).trim());
      begun = at + 1;
    }
  }
  return found;
}

/** The outermost blocks of a text; braces and semicolons in quotes part nothing. */
function blocks(css) {
  const found = [];
  let [depth, begun, opened, quote] = [0, 0, 0, ""];
  for (let at = 0; at < css.length; at += 1) {
    const sign = css[at];
    if (quote) {
      if (sign === quote && css[at - 1] !== "\\") quote = "";
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "{" && depth++ === 0) opened = at;
    else if (sign === "}" && --depth === 0) {
      found.push({ head: css.slice(begun, opened).trim(), body: css.slice(opened + 1, at) });
      begun = at + 1;
    } else if (sign === ";" && !depth) {
      found.push({ head: css.slice(begun, at + 1).trim(), body: null });
      begun = at + 1;
    }
  }
  return found;
}
