// Calls about the life of warnings: acts, holds, floods, drills, response cards.
import { act, request } from './client';
import type {
  ActDone, CancelRequest, CardAnswer, Drills, EscalateRequest, Flood, Hold, NoteRequest,
  OutOfServiceRequest, ShelveRequest, WarningEvent,
} from './contract';

const warning = (id: string, verb: string) => `/warnings/${encodeURIComponent(id)}/${verb}`;
const outOfService = (channel: string) => `/channels/${encodeURIComponent(channel)}/out-of-service`;
const equipment = (rule: string, channel: string) =>
  `/equipment/${encodeURIComponent(rule)}/${encodeURIComponent(channel)}`;
const hold = (id: string, verb: string) => `/holds/${encodeURIComponent(id)}/${verb}`;

export const lifeApi = {
  comment: (id: string, body: NoteRequest) =>
    request<ActDone>(warning(id, 'comment'), act('POST', body)),
  reset: (id: string, body: NoteRequest) =>
    request<ActDone>(warning(id, 'reset'), act('POST', body)),
  cancel: (id: string, body: CancelRequest) =>
    request<ActDone>(warning(id, 'cancel'), act('POST', body)),
  escalate: (id: string, body: EscalateRequest) =>
    request<ActDone>(warning(id, 'escalate'), act('POST', body)),
  shelve: (id: string, body: ShelveRequest) =>
    request<ActDone>(warning(id, 'shelve'), act('POST', body)),
  unshelve: (id: string, body: NoteRequest) =>
    request<ActDone>(warning(id, 'unshelve'), act('POST', body)),
  events: (id: string) => request<WarningEvent[]>(warning(id, 'events')),
  card: (id: string) => request<CardAnswer>(warning(id, 'card')),
  holds: () => request<Hold[]>('/holds?scope=open'),
  confirm: (id: string, body: NoteRequest) =>
    request<ActDone>(hold(id, 'confirm'), act('POST', body)),
  lift: (id: string, body: NoteRequest) => request<ActDone>(hold(id, 'lift'), act('POST', body)),
  takeOut: (channel: string, body: OutOfServiceRequest) =>
    request<ActDone>(outOfService(channel), act('POST', body)),
  acknowledgeEquipment: (rule: string, channel: string, note: string) =>
    request<ActDone>(equipment(rule, channel), act('POST', { act: 'acknowledge', note })),
  floods: () => request<Flood[]>('/floods'),
  drills: () => request<Drills>('/drills'),
  /** The paths that this station has. */
  paths: async () => Object.keys((await request<{ paths: object }>('/openapi.json')).paths),
};
