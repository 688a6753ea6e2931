// What the page remembers in its address, so that a link or a reload shows the same.
import { langOf, type Look, themeOf } from './look';

/** What lies open beside the overview. */
export type Sheet =
  | 'corrections' | 'rules' | 'refused' | 'edges' | 'mirrors'
  | 'warning' | 'held' | 'duty' | 'incidents' | 'people' | 'messages'
  | 'drills' | 'kpis' | 'coverage';
export type Range = '15m' | '1h' | '8h';

export interface View extends Look {
  channel: string | null;
  range: Range;
  sheet: Sheet | null;
  /** The warning of the sheet `warning`, the incident of `incidents`, the drill of `drills`, … */
  item: string | null;
}

export const RANGE_MS: Record<Range, number> = {
  '15m': 15 * 60_000,
  '1h': 3_600_000,
  '8h': 8 * 3_600_000,
};

export const RANGES: readonly Range[] = ['15m', '1h', '8h'];

const SHEETS: readonly Sheet[] = [
  'corrections', 'rules', 'refused', 'edges', 'mirrors',
  'warning', 'held', 'duty', 'incidents', 'people', 'messages', 'drills', 'kpis',
  'coverage',
];

/** The view of an address; what is missing or unknown is `kept`, or the default. */
export function viewOf(search: string, kept: Look): View {
  const query = new URLSearchParams(search);
  const range = RANGES.find((known) => known === query.get('range'));
  return {
    lang: langOf(query.get('lang')) ?? kept.lang,
    theme: themeOf(query.get('theme')) ?? kept.theme,
    channel: query.get('channel'),
    range: range ?? '15m',
    sheet: SHEETS.find((known) => known === query.get('sheet')) ?? null,
    item: query.get('item'),
  };
}

/** The address of a view; other parts of the query stay. */
export function searchOf(view: View, search: string): string {
  const query = new URLSearchParams(search);
  query.set('lang', view.lang);
  query.set('theme', view.theme);
  query.set('range', view.range);
  for (const name of ['channel', 'sheet', 'item'] as const) {
    const value = view[name];
    if (value === null) {
      query.delete(name);
    } else {
      query.set(name, value);
    }
  }
  return `?${query.toString()}`;
}
