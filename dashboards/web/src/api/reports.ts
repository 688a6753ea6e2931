// Calls about reports of incidents.
import { act, request } from './client';
import type {
  FillReportRequest, ReportDraft, ReportKind, Reports, SignedReport, SignReportRequest,
} from './contract';

const path = (id: string, rest = '') => `/incidents/${encodeURIComponent(id)}/reports${rest}`;

export const reportsApi = {
  all: (id: string) => request<Reports>(path(id)),
  draft: (id: string, kind: ReportKind) => request<ReportDraft>(path(id, `/${kind}/draft`)),
  fill: (id: string, kind: ReportKind, body: FillReportRequest) =>
    request<ReportDraft>(path(id, `/${kind}/fields`), act('POST', body)),
  sign: (id: string, kind: ReportKind, body: SignReportRequest) =>
    request<SignedReport>(path(id, `/${kind}/sign`), act('POST', body)),
  /** Where a document is fetched, the draft is version 0: the browser saves it. */
  documentUrl: (id: string, kind: ReportKind, version: number, format: 'docx' | 'pdf') =>
    `/api/v1${path(id, `/${kind}/${version}?format=${format}`)}`,
  /** The report of the shift, day or month in which a local date lies. */
  periodUrl: (kind: 'shift' | 'day' | 'month', date: string, format: 'docx' | 'pdf') =>
    `/api/v1/reports/periods?kind=${kind}&at=${encodeURIComponent(date)}&format=${format}`,
};
