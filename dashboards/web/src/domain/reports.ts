// Reports of incidents as the page tells them: what is missing is asked for first.
import type { Filling, ReportField, ReportKind, SignedReport } from '../api/contract';
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

/** The signed versions, the newest first. */
export function newestSigned(signed: readonly SignedReport[]): SignedReport[] {
  return signed.toReversed();
}
