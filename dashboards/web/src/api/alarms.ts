// Calls about the record of alarms.
import { request, requestBlob } from './client';
import type { AlarmExportForm, AlarmRecords } from './contract';
import type { Lang } from '../domain/language';

/** Records of one answer. */
export const PAGE_ROWS = 2_000;

export const alarmsApi = {
  page: (filter: URLSearchParams, after: string | null) => {
    const params = new URLSearchParams(filter);
    params.set('limit', String(PAGE_ROWS));
    if (after !== null) {
      params.set('after', after);
    }
    return request<AlarmRecords>(`/alarm-records?${params.toString()}`);
  },
  file: (filter: URLSearchParams, format: AlarmExportForm, lang: Lang) => {
    const params = new URLSearchParams(filter);
    params.set('format', format);
    params.set('lang', lang);
    return requestBlob(`/alarm-records/export?${params.toString()}`);
  },
};
