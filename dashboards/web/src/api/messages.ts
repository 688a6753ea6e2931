// Calls about messages to bureaus and people, and about HJ 212 uplinks.
import { request } from './client';
import type {
  Deliveries, DeliveryState, EquipmentAlarm, MessageDetail, Recipient, Uplink, UplinkMessage,
} from './contract';

/** How many deliveries one question asks for. */
export const DELIVERIES_MAX = 200;

/** How many HJ 212 messages one question asks for. */
export const UPLINK_MESSAGES_MAX = 100;

const toOne = (recipient: string | null) =>
  (recipient === null ? '' : `&recipient=${encodeURIComponent(recipient)}`);

export const messagesApi = {
  /** The newest; of one recipient, where one is named. */
  newest: (recipient: string | null = null) =>
    request<Deliveries>(`/messages?limit=${DELIVERIES_MAX}${toOne(recipient)}`),
  inState: (state: DeliveryState, recipient: string | null = null) =>
    request<Deliveries>(`/messages?state=${state}&limit=${DELIVERIES_MAX}${toOne(recipient)}`),
  ofWarning: (id: string) =>
    request<Deliveries>(`/messages?warning=${encodeURIComponent(id)}&limit=${DELIVERIES_MAX}`),
  one: (number: number) => request<MessageDetail>(`/messages/${number}`),
  recipients: () => request<Recipient[]>('/recipients'),
  equipment: () => request<EquipmentAlarm[]>('/equipment'),
  uplinkMessages: (id: string, before: number | null) => {
    const from = before === null ? '' : `&before=${before}`;
    const path = `/uplinks/${encodeURIComponent(id)}/messages`;
    return request<UplinkMessage[]>(`${path}?limit=${UPLINK_MESSAGES_MAX}${from}`);
  },
  uplinks: () => request<Uplink[]>('/uplinks'),
};
