// Calls about the figures of alarm management.
import { request, requestText } from './client';
import type { Kpis } from './contract';

const path = (fromMs: number, toMs: number, position: string | null) => {
  const of = position === null ? '' : `&position=${encodeURIComponent(position)}`;
  return `/kpis?from_ms=${Math.floor(fromMs)}&to_ms=${Math.floor(toMs)}${of}`;
};

export const kpisApi = {
  of: (fromMs: number, toMs: number) => request<Kpis>(path(fromMs, toMs, null)),
  csv: (fromMs: number, toMs: number, position: string | null) =>
    requestText(path(fromMs, toMs, position), 'text/csv'),
};
