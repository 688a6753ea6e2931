// Every form of the page has a row in the table of bad inputs (tests/browser/form-rows-*.mjs), by
// which a browser test fills it in wrongly against a real station.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOURCES = fileURLToPath(new URL('..', import.meta.url));
const TABLE = fileURLToPath(new URL('../../../../tests/browser', import.meta.url));

const PART = 'a part of forms: each row fills it in';
const CHOICE = 'chosen from a list or by a slider: nothing can be typed';
/** What takes something from a person and needs no row, and why. */
const EXCEPTIONS: Record<string, string> = {
  'FieldFile.vue': PART, 'FieldMoment.vue': PART, 'FieldSelect.vue': PART, 'FieldText.vue': PART,
  'FormDialog.vue': PART,
  'KpisSheet.vue': CHOICE, 'sound/SoundBox.vue': CHOICE, 'replay/ReplayControls.vue': CHOICE,
  'engineer/BacktestPart.vue': CHOICE, 'engineer/WritePart.vue': 'the checker speaks; engineer.mjs',
  'engineer/FileTools.vue': 'nothing is sent; rulefiles.mjs', 'engineer/SetCompare.vue': CHOICE,
  'bureau/UplinkMessages.vue': CHOICE,
  'channels/ChannelsTools.vue': 'narrows what is shown; nothing that is typed there is wrong',
  'ReportDraft.vue': 'a tick and a signature; reporting.mjs and together.mjs',
};
/** By which a component is known to take something from people. */
const TAKES =
  /<(form|input|textarea|select|FormDialog|Field(Text|Select|File|Moment))\b|useForm\(/;

const forms = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.vue') && !name.startsWith('gallery/'))
  .filter((name) => TAKES.test(readFileSync(join(SOURCES, name), 'utf8')))
  .map((name) => relative('components', name));

const rows = readdirSync(TABLE).filter((name) => /^form-rows-.*\.mjs$/.test(name))
  .flatMap((name) => [...readFileSync(join(TABLE, name), 'utf8').matchAll(/\bform: '([^']+)'/g)])
  .map((match) => match[1] ?? '');

it('every form has a row in the table of bad inputs, or a reason to have none', () => {
  expect(forms.length).toBeGreaterThan(30);
  expect(forms.filter((name) => !rows.includes(name) && !(name in EXCEPTIONS))).toEqual([]);
});

it('no row and no exception is about something that is no form', () => {
  expect(rows.filter((name) => !forms.includes(name) || name in EXCEPTIONS)).toEqual([]);
  expect(Object.keys(EXCEPTIONS).filter((name) => !forms.includes(name))).toEqual([]);
});
