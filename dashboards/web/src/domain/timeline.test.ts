import { describe, expect, it } from 'vitest';

import type { Delivery, WarningEvent } from '../api/contract';
import { changeKey, spanOf, timelineOf } from './timeline';

const at = (second: number) => new Date(Date.UTC(2026, 10, 29, 0, 0, second)).toISOString();
const event = (seq: number, second: number) =>
  ({ seq, at: at(second), change: 'raised' }) as unknown as WarningEvent;
const delivery = (number: number, more: Partial<Delivery>) => ({ number, ...more }) as Delivery;

describe('the line of time', () => {
  it('has what happened and what was told, newest first', () => {
    const told = delivery(7, {
      state: 'accepted', sent_at: at(1), ended_at: at(2), read_at: at(9),
    });
    const line = timelineOf([event(1, 1), event(2, 5)], [told]);
    expect(line.map((one) => (one.kind === 'event' ? one.event.seq : one.step))).toEqual([
      'read', 2, 'accepted', 'sent', 1,
    ]);
  });

  it('calls a failure by its name and leaves out what is not there yet', () => {
    const failed = delivery(1, { state: 'failed', sent_at: null, ended_at: at(3) });
    const open = delivery(2, { state: 'queued' });
    const line = timelineOf([], [failed, open]);
    expect(line).toHaveLength(1);
    expect(line[0]).toMatchObject({ kind: 'message', step: 'failed' });
  });
});

describe('the span of a warning', () => {
  const MINUTE_MS = 60_000;
  const raised = at(0);
  const raisedMs = Date.parse(raised);

  it('goes on while the warning does, and a while after', () => {
    const nowMs = raisedMs + 5 * MINUTE_MS;
    expect(spanOf(raised, null, nowMs)).toEqual({
      fromMs: raisedMs - 10 * MINUTE_MS, toMs: nowMs, isLive: true,
    });
    expect(spanOf(raised, at(30), nowMs).isLive).toBe(true);
  });

  it('stands still when it is over', () => {
    const span = spanOf(raised, at(30), raisedMs + 60 * MINUTE_MS);
    expect(span).toEqual({
      fromMs: raisedMs - 10 * MINUTE_MS, toMs: raisedMs + 30_000 + 10 * MINUTE_MS, isLive: false,
    });
  });

  it('is never longer than a day', () => {
    const nowMs = raisedMs + 72 * 60 * MINUTE_MS;
    expect(spanOf(raised, null, nowMs).fromMs).toBe(nowMs - 24 * 60 * MINUTE_MS);
  });
});

it('a step that somebody asked for is told apart from one whose time had come', () => {
  expect(changeKey({ change: 'passed-on', by: 'wang' })).toBe('escalate.change');
  expect(changeKey({ change: 'passed-on', by: null })).toBe('change.passed-on');
  expect(changeKey({ change: 'commented', by: 'wang' })).toBe('change.commented');
});
