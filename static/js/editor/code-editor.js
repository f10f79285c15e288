/**
 * <code-editor nonce> around the text area of a form: CodeMirror over it. The area stays what is sent, and what a page
 * without scripts shows; each change stands in it at once.
 */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { pythonLanguage, python } from "@codemirror/lang-python";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  drawSelection, EditorView, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers, tooltips,
} from "@codemirror/view";
import { completions } from "./completions.js";
import { look } from "./look.js";

const INDENT = 4;

/** Keras and `hp` beside Python's own words. */
const known = pythonLanguage.data.of({
  autocomplete: ({ state, pos, explicit }) => {
    const before = state.sliceDoc(0, pos);
    const found = completions(before);
    if (!found || (!explicit && /[\s(,]$/.test(before))) return null; // each space would open a list
    return { ...found, validFor: /^\w*$/ };
  },
});

/** Chromium itself would style what takes the place of a selection, and the page's policy refuse that. Brackets enclose it. */
const overSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const isTyped = event.inputType === "insertText" && event.data && !view.composing;
    if (!isTyped || view.state.selection.main.empty || /^[([{'"]$/.test(event.data)) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

/** Lists and hints stay above the bar at the foot of a phone. */
function roomForTips() {
  const bar = document.querySelector(".bottom-bar")?.getBoundingClientRect();
  const { clientWidth: right, clientHeight } = document.documentElement;
  return { top: 0, left: 0, right, bottom: bar?.height ? Math.min(bar.top, clientHeight) : clientHeight };
}

class CodeEditor extends HTMLElement {
  connectedCallback() {
    this.stop = new AbortController();
    this.area = this.querySelector("textarea");
    this.view = new EditorView({ parent: this, state: this.#state(this.area.value) });
    this.area.hidden = true;
    this.#problems();
    const { signal } = this.stop;
    this.area.addEventListener("input", () => this.#take(), { signal });
    window.addEventListener("pageshow", () => this.#take(), { signal }); // what a browser keeps of a form arrives late
    for (const label of this.area.labels) label.addEventListener("click", () => this.view.focus(), { signal });
    document.addEventListener("click", (event) => this.#jump(event), { signal });
    for (const help of this.parentElement.querySelectorAll("[data-editor-help]")) help.hidden = false;
    this.dataset.ready = "";
  }

  disconnectedCallback() {
    this.stop.abort();
    this.view.destroy();
    this.area.hidden = false;
  }

  #state(doc) {
    return EditorState.create({
      doc,
      extensions: [
        EditorView.cspNonce.of(this.nonce),
        lineNumbers(), lintGutter(), foldGutter(), highlightActiveLineGutter(), highlightSpecialChars(),
        history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
        EditorState.tabSize.of(INDENT), indentUnit.of(" ".repeat(INDENT)),
        python(), known, overSelection, autocompletion(), tooltips({ tooltipSpace: roomForTips }), search({ top: true }), highlightSelectionMatches(), look,
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, indentWithTab]),
        EditorView.contentAttributes.of({
          "aria-label": this.area.labels[0]?.textContent ?? "Code",
          "aria-describedby": this.getAttribute("describedby") ?? "",
          tabindex: "0", // else checkers take what scrolls for something that no key reaches
          spellcheck: "false", autocapitalize: "off", autocorrect: "off",
        }),
        EditorView.updateListener.of((update) => update.docChanged && this.#give()),
      ],
    });
  }

  /** The text goes into the form, and tells those who wait for changes of it. */
  #give() {
    const text = this.view.state.doc.toString();
    if (this.area.value === text) return;
    this.area.value = text;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Somebody else wrote into the area. */
  #take() {
    const { doc } = this.view.state;
    const text = this.area.value;
    if (text !== doc.toString()) this.view.dispatch({ changes: { from: 0, to: doc.length, insert: text } });
  }

  /** What the last reading found, at its lines; a line that is gone stands at the last one. */
  #problems() {
    const { doc } = this.view.state;
    const found = [...this.parentElement.querySelectorAll("[data-problem-line]")].map((item) => {
      const line = doc.line(Math.max(1, Math.min(doc.lines, Number(item.dataset.problemLine))));
      const from = line.from + (line.text.length - line.text.trimStart().length);
      return { from, to: Math.max(from, line.to), severity: /** @type {const} */ ("error"), message: item.querySelector("[data-problem-words]").textContent };
    });
    if (found.length) this.view.dispatch(setDiagnostics(this.view.state, found));
  }

  /** To the line of a problem of the list. */
  #jump(event) {
    const item = event.target.closest?.("a")?.closest("[data-problem-line]");
    if (!item || !this.parentElement.contains(item)) return;
    event.preventDefault();
    const { doc } = this.view.state;
    const line = doc.line(Math.max(1, Math.min(doc.lines, Number(item.dataset.problemLine))));
    this.view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    this.view.focus();
  }
}

customElements.define("code-editor", CodeEditor);
