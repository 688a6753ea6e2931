import { describe, expect, it } from 'vitest';

import { type Link, type LinkEvent, SILENCE_MAX_MS, startLink, stepLink } from './link';

type Step = LinkEvent | [LinkEvent, Partial<Link>];

/** Runs the steps; where a step has an expectation the link must agree with it. */
function check(steps: Step[]): Link {
  return steps.reduce((link, step) => {
    const [event, expected] = Array.isArray(step) ? step : [step, {}];
    const next = stepLink(link, event);
    expect(next, JSON.stringify(event)).toMatchObject(expected);
    return next;
  }, startLink(0));
}

const hello = (atMs: number): LinkEvent => ({ kind: 'hello', atMs });
const beat = (atMs: number): LinkEvent => ({ kind: 'beat', atMs, stationMs: 1_000_000 + atMs });
const tick = (atMs: number): LinkEvent => ({ kind: 'tick', atMs });
const fetched = (atMs: number, generation: number): LinkEvent => ({
  kind: 'fetched', atMs, generation, stationMs: 1_000_000 + atMs,
});

const LIVE: Step[] = [hello(100), [fetched(200, 1), { need: 'nothing', covered: false }]];

describe('the link', () => {
  it('is live after a greeting and everything fetched', () => {
    check([[hello(100), { need: 'data', generation: 1 }], ...LIVE.slice(1)]);
  });

  it('stays live while the stream beats', () => {
    check([...LIVE, beat(1_100), [tick(1_100 + SILENCE_MAX_MS), { covered: false }]]);
  });

  it('is covered within three seconds of silence and says up to when data are whole', () => {
    const link = check([...LIVE, beat(1_100), [tick(1_101 + SILENCE_MAX_MS), { covered: true }]]);
    expect(link.asOfMs).toBe(1_001_100);
    expect(SILENCE_MAX_MS + 250).toBeLessThan(3_000);
  });

  it('is covered at once when the stream breaks', () => {
    check([...LIVE, [{ kind: 'error', atMs: 300 }, { covered: true, need: 'hello' }]]);
  });

  it('stays covered until the greeting and a fetch that began after it', () => {
    check([
      ...LIVE,
      { kind: 'error', atMs: 300 },
      [beat(400), { covered: true, need: 'hello' }],
      [fetched(500, 1), { covered: true }],
      [hello(600), { covered: true, need: 'data', generation: 2 }],
      [fetched(700, 1), { covered: true, need: 'data' }],
      [fetched(800, 2), { covered: false, need: 'nothing' }],
    ]);
  });

  it('does not move the moment of whole data while it is not live', () => {
    const link = check([...LIVE, beat(300), { kind: 'error', atMs: 400 }, hello(500), beat(900)]);
    expect(link.asOfMs).toBe(1_000_300);
  });

  it('fetches everything again after a reset, and covers the page when that takes long', () => {
    check([
      ...LIVE,
      [{ kind: 'reset', atMs: 1_000 }, { need: 'data', generation: 2, covered: false }],
      beat(2_000),
      [tick(2_500), { covered: false }],
      beat(3_000),
      [tick(3_600), { covered: true }],
      [fetched(3_700, 2), { covered: false }],
    ]);
  });

  it('is covered when a fetch fails', () => {
    check([hello(100), [{ kind: 'fetch-failed', atMs: 150, generation: 1 }, { covered: true }]]);
  });

  it('does not mind the failure of a fetch that was overtaken', () => {
    check([
      ...LIVE,
      { kind: 'reset', atMs: 300 },
      [{ kind: 'fetch-failed', atMs: 350, generation: 1 }, { covered: false, need: 'data' }],
    ]);
  });

  it('is covered when nobody greets from the start', () => {
    check([
      [tick(SILENCE_MAX_MS), { covered: false }],
      [tick(SILENCE_MAX_MS + 1), { covered: true }],
    ]);
  });
});
