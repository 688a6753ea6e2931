// Calls about drills.
import { act, request, requestText } from './client';
import type { Drill, DrillReport, DrillRequest } from './contract';

export const drillsApi = {
  begin: (body: DrillRequest) => request<Drill>('/drills', act('POST', body)),
  end: (number: number, note: string) =>
    request<Drill>(`/drills/${number}/end`, act('POST', { note })),
  report: (number: number) => request<DrillReport>(`/drills/${number}/report`),
  reportText: (number: number) => requestText(`/drills/${number}/report`, 'text/markdown'),
};
