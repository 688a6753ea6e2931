// Calls about duty: who is there, and hand-overs.
import { act, request } from './client';
import type {
  Contact, ContactRequest, Done, Duty, HandOver, HandOverRequest, NoteRequest, RosterDifference,
  RosterImportRequest, Shift, SubstitutionRequest,
} from './contract';

export const dutyApi = {
  duty: () => request<Duty>('/duty'),
  contacts: () => request<Contact[]>('/duty/contacts'),
  shifts: (fromMs: number, toMs: number) =>
    request<Shift[]>(`/duty/shifts?from_ms=${Math.floor(fromMs)}&to_ms=${Math.ceil(toMs)}`),
  setContact: (id: string, body: ContactRequest) =>
    request<Done>(`/duty/contacts/${encodeURIComponent(id)}`, act('PUT', body)),
  substitute: (body: SubstitutionRequest) =>
    request<Done>('/duty/substitutions', act('POST', body)),
  importRoster: (body: RosterImportRequest) =>
    request<RosterDifference>('/duty/import', act('POST', body)),
  handOvers: () => request<HandOver[]>('/handovers'),
  give: (body: HandOverRequest) => request<HandOver>('/handovers', act('POST', body)),
  accept: (number: number, body: NoteRequest) =>
    request<HandOver>(`/handovers/${number}/acknowledge`, act('POST', body)),
};
