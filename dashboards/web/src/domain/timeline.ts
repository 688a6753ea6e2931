// One line of time for a warning: what it did, what people did, who was told and has it. Pure.
import type { Delivery, WarningEvent } from '../api/contract';
import { momentMs } from './time';

export type Entry =
  | { atMs: number; kind: 'event'; event: WarningEvent }
  | { atMs: number; kind: 'message'; delivery: Delivery; step: MessageStep };

/** The key of the words for what happened: a step of the ladder may have been asked for. */
export function changeKey({ change, by }: Pick<WarningEvent, 'change' | 'by'>): string {
  return change === 'passed-on' && by != null ? 'escalate.change' : `change.${change}`;
}

export type MessageStep = 'sent' | 'accepted' | 'failed' | 'superseded' | 'read';

function stepsOf(delivery: Delivery): [MessageStep, string | null | undefined][] {
  const { state } = delivery;
  const end = state === 'failed' || state === 'superseded' ? state : 'accepted';
  return [
    ['sent', delivery.sent_at], [end, delivery.ended_at], ['read', delivery.read_at],
  ];
}

/** Newest first; at one moment the warning's own step stands before what was told of it. */
export function timelineOf(
  events: readonly WarningEvent[], deliveries: readonly Delivery[],
): Entry[] {
  const told = deliveries.flatMap((delivery) => stepsOf(delivery).flatMap(([step, at]) => {
    const atMs = momentMs(at);
    return atMs === null ? [] : [{ atMs, kind: 'message' as const, delivery, step }];
  }));
  const happened = events.flatMap((event) => {
    const atMs = momentMs(event.at);
    return atMs === null ? [] : [{ atMs, kind: 'event' as const, event }];
  });
  const all: Entry[] = [...happened, ...told];
  // The sort is stable: events come first in the list and stay so at one moment.
  return all.sort((a, b) => a.atMs - b.atMs).reverse();
}

/** Begin and end of what a warning's trends show: it, with some time before and after. */
export function spanOf(
  raisedAt: string, returnedAt: string | null | undefined, nowMs: number,
): { fromMs: number; toMs: number; isLive: boolean } {
  const raisedMs = momentMs(raisedAt) ?? nowMs;
  const returnedMs = momentMs(returnedAt);
  const isLive = returnedMs === null || nowMs - returnedMs < AFTER_MS;
  const toMs = isLive ? nowMs : returnedMs + AFTER_MS;
  return { fromMs: Math.max(raisedMs - BEFORE_MS, toMs - SPAN_MAX_MS), toMs, isLive };
}

const BEFORE_MS = 10 * 60_000;
const AFTER_MS = 10 * 60_000;
/** A warning that has lasted longer is shown by its last day. */
const SPAN_MAX_MS = 24 * 3_600_000;
