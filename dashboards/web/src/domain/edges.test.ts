import { describe, expect, it } from 'vitest';

import {
  BEHIND_BATCHES_MIN, bytesText, edgesInNeed, edgeState, sirenState, skewText, sortedEdges,
  spoolPercent,
} from './edges';
import { edge } from './samples';

const disk = { bytes: 512, bytes_max: 1_024, readings: 3 };
const failing = { ...disk, failing: 'No space left on device' };

describe('the state of a gateway', () => {
  it('is what its link and its disk say', () => {
    const state = (extra: Parameters<typeof edge>[1]) => edgeState(edge('gw', extra));
    expect(state({})).toBe('live');
    expect(state({ batches_behind: BEHIND_BATCHES_MIN - 1 })).toBe('live');
    expect(state({ batches_behind: BEHIND_BATCHES_MIN })).toBe('behind');
    expect(state({ batches_behind: 900, spool: failing })).toBe('failing');
    expect(state({ connected: false, batches_behind: 900 })).toBe('cut');
    expect(state({ connected: false, last_frame_at: null })).toBe('never');
  });

  it('of a cut one is not taken from what its disk said before', () => {
    expect(edgeState(edge('gw', { connected: false, spool: failing }))).toBe('cut');
  });
});

describe('several gateways', () => {
  const alarms = [{ warning: 'w', channel: 'a-cl2', rule: 'r', since: '2026-01-01T00:00:00Z' }];
  const all = [
    edge('a'),
    edge('b', { batches_behind: 50 }),
    edge('c', { connected: false }),
    edge('d', { connected: false, alarms }),
    edge('e', { connected: false, last_frame_at: null }),
    edge('f', { spool: failing }),
  ];

  it('are listed by urgency', () => {
    expect(sortedEdges(all).map((item) => item.edge)).toEqual(['f', 'd', 'c', 'e', 'b', 'a']);
  });

  it('are counted for the header', () => {
    expect(edgesInNeed(all)).toEqual({ cut: 3, failing: 1, siren: 0 });
    expect(edgesInNeed(all.slice(0, 2))).toEqual({ cut: 0, failing: 0, siren: 0 });
    expect(edgesInNeed([])).toEqual({ cut: 0, failing: 0, siren: 0 });
  });
});

describe('the siren of a gateway', () => {
  const quiet = { wanted: false, sounds: false, since: '2026-01-01T00:00:00Z', failing: null };
  const gateway = (extra: Partial<typeof quiet> | { failing: string } | { sounds: null }) =>
    edge('gw', { siren: { ...quiet, ...extra } });

  it('is believed only while it answers', () => {
    expect(sirenState(edge('gw'))).toBeNull();
    expect(sirenState(gateway({}))).toBe('quiet');
    expect(sirenState(gateway({ wanted: true, sounds: true }))).toBe('sounding');
    expect(sirenState(gateway({ wanted: true }))).toBe('mute');
    expect(sirenState(gateway({ failing: 'cut' }))).toBe('unreached');
    expect(sirenState(gateway({ sounds: null }))).toBe('unreached');
  });

  it('is in the header and first in the list when it is lost', () => {
    const lost = { ...gateway({ failing: 'cut' }), edge: 'z' };
    const all = [edge('a'), edge('b', { spool: failing }), lost];
    expect(edgesInNeed(all)).toEqual({ cut: 0, failing: 1, siren: 1 });
    expect(sortedEdges(all).map((item) => item.edge)).toEqual(['z', 'b', 'a']);
    // Of a gateway that is cut nothing is known; the cut is said.
    expect(edgesInNeed([{ ...lost, connected: false }])).toEqual({ cut: 1, failing: 0, siren: 0 });
  });
});

it('sizes and times are short', () => {
  expect([0, 1_023, 1_536, 2_147_483_648].map(bytesText)).toEqual([
    '0 B', '1023 B', '1.5 KiB', '2 GiB',
  ]);
  expect([0, -12, 999, 8_240, -61_000].map(skewText)).toEqual([
    '0 ms', '12 ms', '999 ms', '8.2 s', '61 s',
  ]);
});

it('a disk is not full before it is', () => {
  const percent = (bytes: number) => spoolPercent(edge('gw', { spool: { ...disk, bytes } }));
  expect([percent(0), percent(1_023), percent(1_024)]).toEqual([0, 99, 100]);
  expect(spoolPercent(edge('gw', { spool: null }))).toBeNull();
});
