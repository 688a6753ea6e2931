// Calls about duty: who is there, and hand-overs.
import { act, request } from './client';
import type { Contact, Duty, HandOver, HandOverRequest, NoteRequest, Shift } from './contract';

export const dutyApi = {
  duty: () => request<Duty>('/duty'),
  contacts: () => request<Contact[]>('/duty/contacts'),
  shifts: (fromMs: number, toMs: number) =>
    request<Shift[]>(`/duty/shifts?from_ms=${Math.floor(fromMs)}&to_ms=${Math.ceil(toMs)}`),
  handOvers: () => request<HandOver[]>('/handovers'),
  give: (body: HandOverRequest) => request<HandOver>('/handovers', act('POST', body)),
  accept: (number: number, body: NoteRequest) =>
    request<HandOver>(`/handovers/${number}/acknowledge`, act('POST', body)),
};
