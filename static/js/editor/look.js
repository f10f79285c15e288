/** How the editor looks: our tokens, so light and dark alike; every colour of a word is AA on its ground. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const theme = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--panel)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-control)", fontSize: "var(--text-small)" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.55", minHeight: "22rem", maxHeight: "70vh", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)", padding: "var(--space-2) 0" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { color: "var(--ink-2)", backgroundColor: "var(--panel)", border: "0", borderRight: "1px solid var(--hairline)" },
  ".cm-activeLineGutter": { color: "var(--ink)", backgroundColor: "var(--hover)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection": { backgroundColor: "var(--accent-soft)" },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-soft)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--accent-soft)", outline: "1px solid var(--accent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--failed-soft)", outline: "1px solid var(--failed)" },
  ".cm-searchMatch": { backgroundColor: "var(--best-row)", color: "var(--ink)" },
  ".cm-searchMatch-selected": { outline: "1px solid var(--accent)" },
  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--ground)" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--hairline)" },
  ".cm-panels input, .cm-panels button": { fontFamily: "var(--font-text)", fontSize: "var(--text-small)" },
  ".cm-textfield": { color: "var(--ink)", backgroundColor: "var(--panel)", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-control)" },
  ".cm-button": { color: "var(--ink)", backgroundColor: "var(--panel)", backgroundImage: "none", border: "1px solid var(--line-strong)", borderRadius: "var(--radius-control)" },
  ".cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--panel)", border: "1px solid var(--hairline)", borderRadius: "var(--radius-card)", boxShadow: "var(--float-shadow)", maxWidth: "min(560px, 92vw)" },
  ".cm-tooltip.cm-completionInfo": { maxWidth: "320px", padding: "var(--space-2) var(--space-3)", fontFamily: "var(--font-text)" },
  ".cm-tooltip-autocomplete > ul > li": { overflow: "hidden", textOverflow: "ellipsis", padding: "2px 8px !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--ink) !important", backgroundColor: "var(--accent-soft) !important" },
  ".cm-completionDetail": { color: "var(--ink-2)", fontStyle: "normal" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-diagnostic": { fontFamily: "var(--font-text)" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--failed)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--failed)" },
  ".is-wrong-line": { backgroundColor: "var(--failed-soft)" },
});

const words = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.self], color: "var(--pruned)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--completed)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--paused)" },
  { tag: tags.comment, color: "var(--ink-2)", fontStyle: "italic" },
  { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)], color: "var(--accent)", fontWeight: "600" },
  { tag: tags.meta, color: "var(--accent)" },
]);

export const look = [theme, syntaxHighlighting(words)];
