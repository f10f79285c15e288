/** <python-text>: Python in the colours of the editor, where it can only be read; each line of its <pre> is an element. */
import { parser } from "@lezer/python";
import { highlightTree, tagHighlighter, tags } from "@lezer/highlight";

const colours = tagHighlighter([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self], class: "py-word" },
  { tag: [tags.string, tags.special(tags.string)], class: "py-text" },
  { tag: [tags.number, tags.bool, tags.null], class: "py-number" },
  { tag: tags.comment, class: "py-comment" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className), tags.meta], class: "py-name" },
]);

/** @param {string} text @returns {{ from: number, to: number, name: string }[]} in order, none over another */
export function coloured(text) {
  const found = [];
  highlightTree(parser.parse(text), colours, (from, to, name) => found.push({ from, to, name }));
  return found;
}

/** Lines stay the elements that they are: their numbers, marks and addresses hang on them. */
function colour(block) {
  const marked = block.classList.contains("diff"); // each line begins with what became of it
  const lines = [...block.children].filter((line) => !line.classList.contains("diff-place"));
  const texts = lines.map((line) => (marked ? line.textContent.slice(1) : line.textContent));
  const parts = coloured(texts.join(""));
  let [begun, at] = [0, 0];
  lines.forEach((line, place) => {
    const text = texts[place];
    const end = begun + text.length;
    const pieces = marked ? [span("diff-sign", line.textContent.slice(0, 1))] : [];
    let done = begun;
    while (at < parts.length && parts[at].from < end) {
      const { from, to, name } = parts[at];
      const [left, right] = [Math.max(from, begun), Math.min(to, end)];
      if (left > done) pieces.push(text.slice(done - begun, left - begun));
      pieces.push(span(name, text.slice(left - begun, right - begun)));
      done = right;
      if (to > end) break; // a text over several lines goes on in the next
      at += 1;
    }
    pieces.push(text.slice(done - begun));
    line.replaceChildren(...pieces);
    begun = end;
  });
}

function span(name, text) {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = text;
  return made;
}

class PythonText extends HTMLElement {
  connectedCallback() {
    for (const block of this.querySelectorAll("pre")) colour(block);
  }
}

customElements.define("python-text", PythonText);
