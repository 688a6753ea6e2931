// Calls about messages to bureaus and people, and about HJ 212 uplinks.
import { request } from './client';
import type {
  Deliveries, DeliveryState, EquipmentAlarm, MessageDetail, Recipient, Uplink,
} from './contract';

/** How many deliveries one question asks for. */
export const DELIVERIES_MAX = 200;

export const messagesApi = {
  newest: () => request<Deliveries>(`/messages?limit=${DELIVERIES_MAX}`),
  inState: (state: DeliveryState) =>
    request<Deliveries>(`/messages?state=${state}&limit=${DELIVERIES_MAX}`),
  ofWarning: (id: string) =>
    request<Deliveries>(`/messages?warning=${encodeURIComponent(id)}&limit=${DELIVERIES_MAX}`),
  one: (number: number) => request<MessageDetail>(`/messages/${number}`),
  recipients: () => request<Recipient[]>('/recipients'),
  equipment: () => request<EquipmentAlarm[]>('/equipment'),
  uplinks: () => request<Uplink[]>('/uplinks'),
};
