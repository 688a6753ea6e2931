import { describe, expect, it } from 'vitest';

import { broughtBy } from './events';
import { applyEvent, type LiveEvent } from './park';
import { conditionOf } from './condition';
import { alarm, correction, lineHealth, moment, NOW_MS, park, value, warning } from './samples';

const raise = (seq: number, tier: 'yellow' | 'red' | null): LiveEvent => ({
  kind: 'alarm', event: { seq, edge: 'raise', at: moment(NOW_MS), alarm: alarm('a-cl2', tier) },
});
const clear = (seq: number, tier: 'yellow' | 'red' | null): LiveEvent => ({
  kind: 'alarm', event: { seq, edge: 'clear', at: moment(NOW_MS), alarm: alarm('a-cl2', tier) },
});

/** Applies the events and compares what the page says of channel `a-cl2`. */
function check(events: LiveEvent[], expected: object): void {
  expect(events.reduce(applyEvent, park()).values.get('a-cl2')).toMatchObject(expected);
}

describe('alarms', () => {
  it('show on the channel at once, without a reading', () => {
    check([raise(11, 'yellow')], { tier: 'yellow' });
    check([raise(11, null)], { tier: null, no_data: true });
  });

  it('give the highest tier of those that are left', () => {
    check([raise(11, 'yellow'), raise(12, 'red'), clear(13, 'red')], { tier: 'yellow' });
    check([raise(11, 'yellow'), clear(12, 'yellow')], { tier: null });
  });

  it('are not hidden by a reading that does not know of them yet', () => {
    const reading: LiveEvent = { kind: 'readings', values: [value('a-cl2', { tier: null })] };
    check([raise(11, 'red'), reading], { tier: 'red' });
    check([raise(11, null), reading], { no_data: true });
  });

  it('that the snapshot holds already change nothing', () => {
    check([raise(10, 'red')], { tier: null });
  });

  it('of the snapshot show on channels whose value does not say so', () => {
    const from = park({ alarms: [alarm('a-cl2', 'red'), alarm('b-cl2', null)] });
    expect(from.values.get('a-cl2')?.tier).toBe('red');
    expect(from.values.get('b-cl2')?.no_data).toBe(true);
  });
});

describe('equipment alarms', () => {
  const edge = (seq: number, change: 'raise' | 'clear', kind: string): LiveEvent => ({
    kind: 'alarm',
    event: { seq, edge: change, at: moment(NOW_MS), alarm: alarm('a-cl2', null, null, kind) },
  });
  const reading: LiveEvent = { kind: 'readings', values: [value('a-cl2', { value: 0.2 })] };

  it('of a value that comes give a doubt, never a tier and never silence', () => {
    for (const kind of ['stuck', 'jump', 'out-of-range']) {
      check([edge(11, 'raise', kind)], { doubt: kind, tier: null, no_data: false });
      check([edge(11, 'raise', kind), reading], { doubt: kind, value: 0.2 });
      check([edge(11, 'raise', kind), edge(12, 'clear', kind), reading], { doubt: null });
    }
  });

  it('together show the worst', () => {
    check([edge(11, 'raise', 'jump'), edge(12, 'raise', 'stuck')], { doubt: 'stuck' });
    const both = [edge(11, 'raise', 'no-data'), edge(12, 'raise', 'stuck')];
    const shown = both.reduce(applyEvent, park()).values.get('a-cl2');
    expect(conditionOf(shown, 1_000, NOW_MS)).toBe('no-data');
  });
});

describe('corrections', () => {
  it('are added on top, and touch neither alarms nor warnings nor values', () => {
    const events: LiveEvent[] = [12, 14].map((seq) => ({
      kind: 'correction', event: correction(seq),
    }));
    const before = park();
    const after = events.reduce(applyEvent, before);
    expect(after.corrections.map(({ seq }) => seq)).toEqual([14, 12]);
    expect(after.seq).toBe(14);
    expect([after.alarms, after.warnings, after.values]).toEqual([
      before.alarms, before.warnings, before.values,
    ]);
    expect(applyEvent(before, { kind: 'correction', event: correction(10) })).toBe(before);
  });

  it('and other rules move the place in the ledger: nothing was missed', () => {
    const event = { seq: 15, version: 2, at: moment(NOW_MS), source: 'file-change', by: '' };
    expect(applyEvent(park(), { kind: 'rules', event }).seq).toBe(15);
  });
});

describe('readings', () => {
  const at = (ms: number, number: number): LiveEvent => ({
    kind: 'readings', values: [value('a-cl2', { measured_at: moment(ms), value: number })],
  });

  it('replace older ones only', () => {
    check([at(NOW_MS + 1_000, 2)], { value: 2 });
    check([at(NOW_MS - 1_000, 2)], { value: 0.1 });
    check([{ kind: 'readings', values: [value('a-cl2', { measured_at: null })] }], { value: 0.1 });
  });

  it('come when the stream first brought them, not when an alarm brings them once more', () => {
    const cameAt = (ms: number, cameMs: number) =>
      broughtBy([value('a-cl2', { measured_at: moment(ms), tier: 'red' })], cameMs);
    const one = cameAt(NOW_MS + 1_000, NOW_MS + 1_040);
    check([one, cameAt(NOW_MS + 1_000, NOW_MS + 9_000)], { cameMs: NOW_MS + 1_040, tier: 'red' });
    check([one, cameAt(NOW_MS + 2_000, NOW_MS + 2_050)], { cameMs: NOW_MS + 2_050 });
    // What the snapshot had is as old as its stamps say.
    check([cameAt(NOW_MS, NOW_MS + 9_000)], { cameMs: undefined });
    check([broughtBy([value('a-cl2', { measured_at: moment(NOW_MS + 1_000) })], null)], {
      cameMs: undefined,
    });
  });
});

describe('warnings', () => {
  const event = (seq: number, state: 'active-unacknowledged' | 'normal'): LiveEvent => ({
    kind: 'warning',
    event: { seq, change: 'raised', at: moment(NOW_MS), warning: warning('w', { state }) },
  });

  it('come, change in place and go when they are over', () => {
    const one = applyEvent(park(), event(11, 'active-unacknowledged'));
    expect(one.warnings).toHaveLength(1);
    expect(applyEvent(one, event(12, 'active-unacknowledged')).warnings).toHaveLength(1);
    const none = applyEvent(one, event(12, 'normal'));
    expect(none.warnings).toHaveLength(0);
    expect(none.seq).toBe(12);
  });

  it('are taken in any order behind the snapshot', () => {
    const events = [raise(12, 'red'), event(11, 'active-unacknowledged')];
    const after = events.reduce(applyEvent, park());
    expect(after.warnings).toHaveLength(1);
    expect(after.seq).toBe(12);
  });
});

describe('health', () => {
  it('changes the analyzers it names', () => {
    const offline = lineHealth('a', { link: 'offline' });
    const after = applyEvent(park(), { kind: 'health', analyzers: [offline] });
    expect(after.health.analyzers.map((item) => item.link)).toEqual(['offline', 'online']);
  });
});
