// What can be written at a place of a rule file, by the station's schema. Pure. Helps to write
// and judges nothing: what counts is what the checker says.
import type { Lang } from './language';

/** The parts of a JSON Schema that are read here. */
interface Form {
  enum?: string[];
  const?: string;
  examples?: string[];
  type?: string;
  description?: string;
  'x-zh'?: string;
  items?: Form;
  anyOf?: Form[];
  oneOf?: Form[];
  title?: string;
  required?: string[];
  properties?: Record<string, Form>;
}

/** Something that can be written. */
export interface Option {
  label: string;
  /** What it means, in the reader's language. */
  detail: string;
  /** What is put into the text. */
  apply: string;
  /** Needed keys come first. */
  isNeeded: boolean;
}

export interface Completion {
  /** Column from which on the text is replaced. */
  from: number;
  options: Option[];
}

function isForm(value: unknown): value is Form {
  return typeof value === 'object' && value !== null;
}

/** The kinds of rules that a schema knows; none where it is no schema of rules. */
export function kindsOf(schema: unknown): Form[] {
  return isForm(schema) ? schema.properties?.['rule']?.items?.oneOf ?? [] : [];
}

/** The lines of the rule around line `at`, without that line itself. */
function ruleAround(lines: readonly string[], at: number): string[] {
  const isHead = (line: string | undefined) => line?.trim().startsWith('[[') ?? false;
  let begin = at;
  while (begin > 0 && !isHead(lines[begin])) {
    begin -= 1;
  }
  let end = at + 1;
  while (end < lines.length && !isHead(lines[end])) {
    end += 1;
  }
  return [...lines.slice(begin, at), ...lines.slice(at + 1, end)];
}

const KEY_LINE = /^\s*([a-z_]+)\s*=/;
const KIND_LINE = /^\s*kind\s*=\s*["']([^"']*)["']/;

function wordsOf(form: Form | undefined): string[] {
  if (form === undefined) {
    return [];
  }
  if (form.items !== undefined) {
    return wordsOf(form.items);
  }
  if (form.type === 'boolean') {
    return ['true', 'false'];
  }
  return form.enum ?? form.examples ?? (form.const === undefined ? [] : [form.const]);
}

/** The beginning of a value, ready to be filled in. */
function beginning(form: Form): string {
  if (form.type === 'array') {
    return '[';
  }
  return form.type === 'string' || form.const !== undefined ? '"' : '';
}

function meaningOf(form: Form | undefined, lang: Lang): string {
  return (lang === 'zh' ? form?.['x-zh'] : form?.description) ?? '';
}

function keyOptions(kinds: Form[], written: Set<string>, lang: Lang): Option[] {
  const options = new Map<string, Option>();
  for (const kind of kinds) {
    for (const [key, form] of Object.entries(kind.properties ?? {})) {
      if (!written.has(key)) {
        options.set(key, {
          label: key, detail: meaningOf(form, lang), apply: `${key} = ${beginning(form)}`,
          isNeeded: kinds.length === 1 && (kind.required?.includes(key) ?? false),
        });
      }
    }
  }
  return [...options.values()];
}

/** The words behind a key. `inside`: the key of an inline table in which the place is. */
function valueForm(kinds: Form[], key: string, inside: string | null): Form | undefined {
  const ofKinds = kinds.map((kind) => kind.properties?.[key]).filter((form) => form !== undefined);
  if (inside === null) {
    return ofKinds[0];
  }
  const tables = ofKinds.flatMap((form) => [form, form.items, ...(form.anyOf ?? [])]);
  return tables.find((form) => form?.properties?.[inside] !== undefined)?.properties?.[inside];
}

/** What can be written at `column` of line `at`; null where nothing is known. */
export function completionAt(
  schema: unknown, lines: readonly string[], at: number, column: number, lang: Lang,
): Completion | null {
  const before = (lines[at] ?? '').slice(0, column);
  const rest = ruleAround(lines, at);
  const all = kindsOf(schema);
  const named = rest.map((line) => KIND_LINE.exec(line)?.[1]).find((kind) => kind !== undefined);
  const own = all.filter((kind) => kind.title === named);
  const kinds = own.length > 0 ? own : all;
  const key = /^\s*([a-z_]*)$/.exec(before);
  if (key !== null) {
    const written = new Set(rest.map((line) => KEY_LINE.exec(line)?.[1] ?? ''));
    const options = keyOptions(kinds, written, lang);
    return options.length > 0 ? { from: column - (key[1] ?? '').length, options } : null;
  }
  return valuesAt(kinds, all, before, column, lang);
}

function valuesAt(
  kinds: Form[], all: Form[], before: string, column: number, lang: Lang,
): Completion | null {
  const value = /^\s*([a-z_]+)\s*=\s*(?:.*?)(["']?)([\w.%/-]*)$/.exec(before);
  const name = value?.[1];
  if (name === undefined) {
    return null;
  }
  const inside = /\{[^}]*?([a-z_]+)\s*=\s*["']?[\w.%/-]*$/.exec(before)?.[1] ?? null;
  const words = name === 'kind'
    ? all.map((kind) => kind.title ?? '')
    : wordsOf(valueForm(kinds, name, inside));
  const typed = value?.[3] ?? '';
  const isOpen = (value?.[2] ?? '') !== '' || ['true', 'false'].includes(words[0] ?? '');
  const detail = meaningOf(valueForm(kinds, name, null), lang);
  const options = words.map((word): Option => ({
    label: word, detail, apply: isOpen ? word : `"${word}"`, isNeeded: false,
  }));
  return options.length > 0 ? { from: column - typed.length, options } : null;
}
