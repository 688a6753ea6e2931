// Calls about duty: who is there, and hand-overs.
import { act, request } from './client';
import type { Duty, HandOver, HandOverRequest, NoteRequest } from './contract';

export const dutyApi = {
  duty: () => request<Duty>('/duty'),
  handOvers: () => request<HandOver[]>('/handovers'),
  give: (body: HandOverRequest) => request<HandOver>('/handovers', act('POST', body)),
  accept: (number: number, body: NoteRequest) =>
    request<HandOver>(`/handovers/${number}/acknowledge`, act('POST', body)),
};
