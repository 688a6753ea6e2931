import { expect, it } from 'vitest';

import type { Desk, Duty, HandOver, Shift } from '../api/contract';
import { mayAccept, nextShiftOf, openHandOvers, seatsOf, waitingCount } from './duty';
import { moment, NOW_MS } from './samples';

const person = (id: string) =>
  ({ id, name: id, organisation: '', phones: ['13800000001'], note: '' });
const desk = (there: number, required = true): Desk => ({
  role: 'operator', required, people: [person('a'), person('b')].slice(0, there + 1), there,
});
const handOver = (number: number, extra: Partial<HandOver> = {}): HandOver => ({
  number, role: 'operator', relief_at: moment(NOW_MS), begun_at: moment(NOW_MS), begun_by: 'wang',
  note: '', summary: { warnings: [], warnings_open: 0, without_data: [], acts: [] }, ...extra,
});

it('who is there stands before who may take over, and an empty desk is told', () => {
  const { there, substitutes, isEmpty } = seatsOf(desk(1));
  expect([there.map((p) => p.id), substitutes.map((p) => p.id)]).toEqual([['a'], ['b']]);
  expect([isEmpty, seatsOf(desk(0)).isEmpty, seatsOf(desk(0, false)).isEmpty])
    .toEqual([false, true, false]);
});

it('a hand-over is accepted by another person, once', () => {
  expect(mayAccept(handOver(1), 'li')).toBe(true);
  expect(mayAccept(handOver(1), 'Wang')).toBe(false);
  expect(mayAccept(handOver(1, { acknowledged_by: 'li' }), 'zhao')).toBe(false);
  const all = [handOver(2), handOver(1, { acknowledged_by: 'li' })];
  expect(openHandOvers(all).map(({ number }) => number)).toEqual([2]);
});

it('what waits counts once', () => {
  const notice = (kind: string) => ({ kind, text: { zh: 'x', en: 'x' } });
  const duty: Duty = {
    now: moment(NOW_MS), desks: [],
    notices: [notice('gap'), notice('hand-over-not-acknowledged')],
  };
  expect(waitingCount(duty, [handOver(1)], 'li')).toBe(2);
  expect(waitingCount(duty, [handOver(1)], 'wang')).toBe(1);
  expect(waitingCount(null, [], 'li')).toBe(0);
});

it('the next shift is the one of the same desk that begins soonest from now', () => {
  const shift = (id: string, inMs: number, position: string | null = null): Shift => ({
    id, from: moment(NOW_MS + inMs), to: moment(NOW_MS + inMs + 9), role: 'operator', position,
    person: id, substitutes: [], substitutions: [],
  });
  const all = [shift('now', -5), shift('later', 9), shift('next', 5), shift('east', 1, 'east')];
  expect(nextShiftOf(desk(1), all, NOW_MS)?.id).toBe('next');
  expect(nextShiftOf(desk(1), all, NOW_MS + 9)).toBeNull();
});
