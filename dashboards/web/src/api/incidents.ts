// Calls about incidents.
import { act, request, sendFile } from './client';
import type {
  ChangeIncidentRequest, CloseIncidentRequest, Incident, Incidents, OpenIncidentRequest,
} from './contract';

const path = (id: string, rest = '') => `/incidents/${encodeURIComponent(id)}${rest}`;
const part = (text: string) => encodeURIComponent(text);

export const incidentsApi = {
  list: (closed: boolean) => request<Incidents>(`/incidents?closed=${closed}`),
  one: (id: string, after = 0) => request<Incident>(`${path(id)}?after=${after}`),
  open: (body: OpenIncidentRequest) => request<Incident>('/incidents', act('POST', body)),
  change: (id: string, body: ChangeIncidentRequest) =>
    request<Incident>(path(id), act('PATCH', body)),
  note: (id: string, text: string) =>
    request<Incident>(path(id, '/notes'), act('POST', { text })),
  task: (id: string, text: string, owner: string) =>
    request<Incident>(path(id, '/tasks'), act('POST', { text, owner })),
  taskDone: (id: string, number: number, note: string) =>
    request<Incident>(path(id, `/tasks/${number}/done`), act('POST', { note })),
  met: (id: string, duty: string, reference: string) =>
    request<Incident>(path(id, `/clocks/${part(duty)}/met`), act('POST', { reference })),
  close: (id: string, body: CloseIncidentRequest) =>
    request<Incident>(path(id, '/close'), act('POST', body)),
  attach: (id: string, file: File) =>
    sendFile<Incident>(`${path(id, '/files')}?name=${part(file.name)}`, file),
  fileUrl: (id: string, sha256: string) => `/api/v1${path(id, `/files/${sha256}`)}`,
  /** Where the evidence pack is fetched: the browser saves it, the page never holds it. */
  evidenceUrl: (id: string) => `/api/v1${path(id, '/evidence')}`,
};
