// The editor of a rule file: TOML in colour, what the checker found below its line, completion by
// the station's schema. Knows nothing about the station. Tab leaves the editor: it must never hold
// somebody who uses the keyboard only.
import { autocompletion, type CompletionContext, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import {
  bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting,
} from '@codemirror/language';
import { toml } from '@codemirror/legacy-modes/mode/toml';
import { type Diagnostic, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, StateEffect, StateField, type Text } from '@codemirror/state';
import {
  Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, keymap,
  lineNumbers, WidgetType,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

import type { Finding, FindingPlace } from '../api/contract';
import { completionAt } from '../domain/completion';
import { type Lang, textIn } from '../domain/language';

/** What the editor needs to know while it lives. */
export interface Surroundings {
  schema: () => unknown;
  lang: () => Lang;
  label: string;
  changed: (text: string) => void;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], fontWeight: '700' },
  { tag: [tags.string, tags.number, tags.bool, tags.atom], color: 'var(--code-value)' },
]);

const THEME = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--page)', color: 'var(--text)' },
  '.cm-content:focus-visible': { outline: '3px solid var(--focus)', outlineOffset: '-3px' },
  '.cm-scroller': { fontFamily: 'var(--font-fixed)', lineHeight: '1.5' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--muted)', border: 'none' },
  '.cm-activeLine': { backgroundColor: 'transparent', outline: '1px dotted var(--line)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
    backgroundColor: 'var(--row-blind) !important',
  },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', color: 'var(--text)',
    border: '1px solid var(--edge)' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--text)', color: 'var(--page)',
  },
  '.cm-completionDetail': { fontStyle: 'normal', marginLeft: '1em' },
  // Saturated colour is for warnings only: what is wrong is underlined and told.
  '.cm-lintRange-error, .cm-lintRange-info': {
    backgroundImage: 'none', textDecoration: 'underline wavy var(--text)',
  },
  '.cm-diagnostic': { borderLeft: '4px solid var(--text)' },
  '.cm-panels': { backgroundColor: 'var(--panel)', color: 'var(--text)' },
  '.cm-told': {
    padding: '0.1rem 0.6rem 0.25rem 1.2rem', borderLeft: '4px solid var(--text)',
    backgroundColor: 'var(--raised)', fontFamily: 'var(--font)', whiteSpace: 'pre-wrap',
  },
});

/** A place of the checker (line and column from 1, in characters) in the editor's own count. */
function placeIn(doc: Text, lineNumber: number, column: number): number {
  const line = doc.line(Math.min(Math.max(lineNumber, 1), doc.lines));
  const before = Array.from(line.text).slice(0, Math.max(column - 1, 0)).join('');
  return Math.min(line.from + before.length, line.to);
}

class Told extends WidgetType {
  constructor(readonly text: string, readonly severity: string) {
    super();
  }

  override eq(other: Told): boolean {
    return other.text === this.text && other.severity === this.severity;
  }

  toDOM(): HTMLElement {
    const box = document.createElement('div');
    box.className = 'cm-told';
    box.dataset['testid'] = 'inline-finding';
    box.dataset['severity'] = this.severity;
    box.textContent = `${this.severity === 'error' ? '▲' : 'ℹ'} ${this.text}`;
    return box;
  }
}

const tell = StateEffect.define<DecorationSet>();
const told = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (before, transaction) => transaction.effects.reduce(
    (set, effect) => (effect.is(tell) ? effect.value : set), before.map(transaction.changes)),
  provide: (field) => EditorView.decorations.from(field),
});

/** What of a finding lies in `file`. */
function placeOf(finding: Finding, file: string): FindingPlace | null {
  return finding.places.find((place) => place.file === file) ?? null;
}

/** Shows below their lines what was found in `file`. */
export function showFindings(
  view: EditorView, file: string, findings: readonly Finding[], lang: Lang,
): void {
  const { doc } = view.state;
  const diagnostics: Diagnostic[] = [];
  const widgets: { at: number; widget: Told }[] = [];
  for (const finding of findings) {
    const place = placeOf(finding, file);
    if (place !== null) {
      const from = placeIn(doc, place.line, place.column);
      const to = placeIn(doc, place.end_line, place.end_column);
      const text = `${textIn(finding.text, lang)}：${textIn(finding.hint, lang)}`;
      const severity = finding.severity === 'error' ? 'error' : 'info';
      diagnostics.push({ from, to: Math.max(from, to), severity, message: text });
      widgets.push({ at: doc.lineAt(from).to, widget: new Told(text, finding.severity) });
    }
  }
  widgets.sort((a, b) => a.at - b.at);
  const set = Decoration.set(widgets.map(({ at, widget }) =>
    Decoration.widget({ widget, block: true, side: 1 }).range(at)));
  view.dispatch(setDiagnostics(view.state, diagnostics), { effects: tell.of(set) });
}

function completing({ schema, lang }: Surroundings): Extension {
  const source = (context: CompletionContext) => {
    const line = context.state.doc.lineAt(context.pos);
    const column = context.pos - line.from;
    const lines = context.state.doc.toString().split('\n');
    const found = completionAt(schema(), lines, line.number - 1, column, lang());
    if (found === null || (!context.explicit && found.from === column)) {
      return null;
    }
    return {
      from: line.from + found.from,
      options: found.options.map(({ label, detail, apply, isNeeded }) => ({
        label, detail, apply, type: 'property', boost: isNeeded ? 1 : 0,
      })),
    };
  };
  return autocompletion({ override: [source], icons: false });
}

/** An editor in `parent`. Whoever makes it destroys it. */
export function ruleEditor(
  parent: HTMLElement, text: string, around: Surroundings, canWrite: boolean,
): EditorView {
  const keys = [...completionKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap,
    ...defaultKeymap];
  const extensions = [
    lineNumbers(), history(), drawSelection(), highlightActiveLine(), bracketMatching(),
    highlightSelectionMatches(), told, StreamLanguage.define(toml),
    syntaxHighlighting(COLOURS), THEME, completing(around), keymap.of(keys),
    EditorState.readOnly.of(!canWrite),
    EditorView.contentAttributes.of({ 'aria-label': around.label, tabindex: '0' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        around.changed(update.state.doc.toString());
      }
    }),
  ];
  return new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
}

/** Another text from outside; what was typed is not lost: it can be undone. */
export function replaceText(view: EditorView, text: string): void {
  if (view.state.doc.toString() !== text) {
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }
}

/** Puts the cursor into a line and shows it. */
export function goTo(view: EditorView, line: number, column: number): void {
  const at = placeIn(view.state.doc, line, column);
  const effects = EditorView.scrollIntoView(at, { y: 'center' });
  view.dispatch({ selection: { anchor: at }, effects });
  view.focus();
}

/** What differs is marked by grey and a line: saturated colour is for warnings only. */
const COMPARED = EditorView.theme({
  '.cm-changedLine': { backgroundColor: 'var(--raised) !important' },
  '.cm-changedText': {
    background: 'none !important', borderBottom: '2px solid var(--text)', fontWeight: '700',
  },
  '.cm-changedLineGutter': { background: 'var(--text) !important' },
  '.cm-collapsedLines': {
    background: 'var(--raised) !important', color: 'var(--text) !important',
    fontFamily: 'var(--font)',
  },
  '.cm-collapsedLines::before, .cm-collapsedLines::after': { content: '"" !important' },
});

/** The colours and the language, for a view that only shows. `same`: words for lines left out. */
export function reading(label: string, same: string): Extension[] {
  return [
    EditorState.phrases.of({ '$ unchanged lines': same }), COMPARED, lineNumbers(),
    StreamLanguage.define(toml), syntaxHighlighting(COLOURS), THEME,
    EditorState.readOnly.of(true), EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  ];
}
