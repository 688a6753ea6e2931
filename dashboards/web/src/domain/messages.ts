// Messages as the page tells them: what was not taken comes first, and is never counted as nought
// because the station could not look.
import type {
  Delivery, EquipmentAlarm, MessagesHealth, Recipient, Uplink,
} from '../api/contract';
import { type Lang, textIn } from './language';
import { momentMs } from './time';

/** What was given up within this time is in the station's count, and stands first. */
const FAILED_MS = 24 * 3_600_000;

export interface Trouble {
  /** Deliveries that were given up or not accepted in time; null: not known. */
  count: number | null;
  isSome: boolean;
}

export function troubleOf(health: MessagesHealth | null): Trouble {
  if (health === null) {
    return { count: null, isSome: false };
  }
  if (health.failure != null) {
    return { count: null, isSome: true };
  }
  const count = health.failed + health.unreceipted;
  return { count, isSome: count > 0 };
}

export type Pressing = 'failed' | 'late' | 'open' | 'done';

export interface DeliveryShown {
  delivery: Delivery;
  pressing: Pressing;
}

const RANK: readonly Pressing[] = ['failed', 'late', 'open', 'done'];
const isOpen = ({ state }: Delivery) => state === 'queued' || state === 'sent';

/** Of pages that were asked for one after the other, each delivery once, as told last. */
export function onceEach(pages: readonly (readonly Delivery[])[]): Delivery[] {
  return [...new Map(pages.flat().map((one) => [one.number, one])).values()];
}

/**
 * Given up first, then late, then open, each of these the oldest first; then all others, the newest
 * first. The station says how many are late; those are the oldest of the open ones.
 */
export function sortDeliveries(
  all: readonly Delivery[], lateCount: number, nowMs: number,
): DeliveryShown[] {
  const byAge = [...all].sort((a, b) => a.number - b.number);
  const late = new Set(byAge.filter(isOpen).slice(0, lateCount).map(({ number }) => number));
  const pressingOf = (one: Delivery): Pressing => {
    if (one.state === 'failed') {
      const endedMs = momentMs(one.ended_at);
      return endedMs === null || nowMs - endedMs <= FAILED_MS ? 'failed' : 'done';
    }
    return late.has(one.number) ? 'late' : isOpen(one) ? 'open' : 'done';
  };
  const shown = byAge.map((delivery) => ({ delivery, pressing: pressingOf(delivery) }));
  const pressing = shown.filter((one) => one.pressing !== 'done');
  const done = shown.filter((one) => one.pressing === 'done').reverse();
  pressing.sort((a, b) => RANK.indexOf(a.pressing) - RANK.indexOf(b.pressing));
  return [...pressing, ...done];
}

export interface Moment {
  step: 'queued' | 'sent' | 'accepted' | 'failed' | 'superseded' | 'read';
  at: string;
}

/** The way of a delivery so far, in order. */
export function wayOf(one: Delivery): Moment[] {
  const end = one.state === 'failed' || one.state === 'superseded' ? one.state : 'accepted';
  const steps: [Moment['step'], string | null | undefined][] = [
    ['queued', one.queued_at], ['sent', one.sent_at], [end, one.ended_at], ['read', one.read_at],
  ];
  return steps.flatMap(([step, at]) => (at == null ? [] : [{ step, at }]));
}

/** Whether a bureau may be without data, or somebody must know something. */
export const isUplinkTroubled = (uplink: Uplink) =>
  uplink.link !== 'connected' || uplink.notices.length > 0 || uplink.real_time_stopped;

/** Those with trouble first; otherwise as the site names them. */
export function sortUplinks(uplinks: readonly Uplink[]): Uplink[] {
  return [...uplinks].sort((a, b) =>
    Number(isUplinkTroubled(b)) - Number(isUplinkTroubled(a)));
}

/** A recipient by name; by id where the site does not name it any more. */
export function recipientName(all: readonly Recipient[], id: string, lang: Lang): string {
  const known = all.find((one) => one.id === id);
  return known === undefined ? id : textIn(known.name, lang);
}

export interface Owed {
  rule: 'message-failed' | 'message-unreceipted';
  recipient: string;
  sinceMs: number | null;
  /** The alarm as people answer it. */
  life: EquipmentAlarm;
}

/** What recipients did not take, of all alarms about equipment; what was given up comes first. */
export function owedOf(all: readonly EquipmentAlarm[]): Owed[] {
  const owed = all.filter(({ alarm }) => alarm.kind === 'message').map((one): Owed => ({
    rule: one.alarm.rule === 'message-failed' ? 'message-failed' : 'message-unreceipted',
    recipient: one.alarm.channel,
    sinceMs: momentMs(one.alarm.since),
    life: one,
  }));
  return owed.sort((a, b) => Number(a.rule > b.rule) - Number(a.rule < b.rule)
    || (a.sinceMs ?? 0) - (b.sinceMs ?? 0));
}
