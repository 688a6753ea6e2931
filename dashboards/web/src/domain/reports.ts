// Reports of incidents as the page tells them: what is missing is asked for first, and what was
// signed is what was read.
import type { Filling, ReportDraft, ReportField, ReportKind, SignedReport } from '../api/contract';
import { type Fault, needText } from './form';

export const REPORT_KINDS: readonly ReportKind[] = ['first', 'follow-up', 'final'];

const TEXT_LENGTH_MAX = 2_000;
/** Lines of a field that are shown at once. */
export const LINES_SHOWN = 4;

/** Missing fields first, each group in the order of the law. */
export function sortFields(fields: readonly ReportField[]): ReportField[] {
  const isMissing = (field: ReportField) => Number(field.state === 'missing');
  return [...fields].sort((a, b) => isMissing(b) - isMissing(a));
}

/** Whether a person said it, who may take it back. */
export const isSaidByPerson = (field: ReportField) =>
  field.sources.some((source) => source.from === 'person');

export function fillingFault(text: string): Fault | null {
  return needText(text, TEXT_LENGTH_MAX);
}

export function fillingOf(text: string, isNotApplicable: boolean): Filling {
  const said = text.trim();
  return isNotApplicable ? { not_applicable: said } : { value: said };
}

/** What people answer for: what is there, and what they said. Readings go on meanwhile. */
const wordsOf = (draft: ReportDraft) => JSON.stringify(draft.fields.map((field) =>
  [field.id, field.state, field.reason, isSaidByPerson(field) ? field.lines : null]));

/** Whether nobody has changed the draft since it was read. */
export const isSameDraft = (a: ReportDraft, b: ReportDraft) =>
  a.kind === b.kind && a.version === b.version && wordsOf(a) === wordsOf(b);

/** The signed versions, the newest first. */
export function newestSigned(signed: readonly SignedReport[]): SignedReport[] {
  return signed.toReversed();
}
