// What somebody typed into a form that was closed, or left, before it was sent: kept for this tab
// until it is sent. Pure but for the store that is passed in. No form asks it to keep a password.

/** One form's texts by the names of their fields. */
export type Texts = Readonly<Record<string, string>>;
/** By person and form, the one typed into last at the end. */
type Kept = Record<string, Texts>;

const KEY = 'siskin.forms';
/** Beyond it what was typed into longest ago is forgotten. */
export const FORMS_MAX = 30;
/** A longer text is not kept: the browser gives a page a few MiB. */
export const LENGTH_MAX = 20_000;

function isTexts(value: unknown): value is Texts {
  return typeof value === 'object' && value !== null
    && Object.values(value).every((text) => typeof text === 'string');
}

/** What is kept; nothing where it cannot be read. */
function read(store: Pick<Storage, 'getItem'>): Kept {
  try {
    const found: unknown = JSON.parse(store.getItem(KEY) ?? '{}');
    const entries = typeof found === 'object' && found !== null ? Object.entries(found) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, Texts] =>
      isTexts(entry[1])));
  } catch {
    return {};
  }
}

function write(store: Pick<Storage, 'setItem'>, kept: Kept): void {
  try {
    store.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A full store keeps what it has; what was typed still stands in its field.
  }
}

function lacking<T>(of: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(of).filter(([one]) => one !== name));
}

export function keptTexts(store: Pick<Storage, 'getItem'>, form: string): Texts {
  return read(store)[form] ?? {};
}

/** Keeps one text of a form; `null` takes it away. */
export function keepText(store: Storage, form: string, field: string, text: string | null): void {
  const kept = read(store);
  const [others, rest] = [lacking(kept, form), lacking(kept[form] ?? {}, field)];
  const isKept = text !== null && text.length <= LENGTH_MAX;
  const texts = isKept ? { ...rest, [field]: text } : rest;
  const all = Object.keys(texts).length === 0 ? others : { ...others, [form]: texts };
  write(store, Object.fromEntries(Object.entries(all).slice(-FORMS_MAX)));
}

export function forgetTexts(store: Storage, form: string): void {
  write(store, lacking(read(store), form));
}
