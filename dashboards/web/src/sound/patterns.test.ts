import { describe, expect, it } from 'vitest';

import { TIERS } from '../domain/tiers';
import { type Pattern, PATTERNS } from './patterns';

const all = Object.entries(PATTERNS);
const soundsS = ({ tones }: Pattern) => tones.reduce((sum, tone) => sum + tone.lastsS, 0);
/** How much of the time there is a tone. */
const share = (pattern: Pattern) => soundsS(pattern) / pattern.cycleS;

describe('the patterns of sound', () => {
  it('have tones that follow each other within their cycle', () => {
    for (const [cry, { tones, cycleS }] of all) {
      tones.forEach((tone, i) => {
        const next = tones[i + 1]?.atS ?? cycleS;
        expect([cry, i, tone.atS + tone.lastsS <= next + 1e-9]).toEqual([cry, i, true]);
      });
    }
  });

  it('are pressing by tier', () => {
    const shares = TIERS.map((tier) => share(PATTERNS[tier]));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[3]).toBeGreaterThan(0.9);
  });

  it('differ in rhythm, not in pitch alone', () => {
    const rhythms = all.map(([, { tones, cycleS }]) => `${tones.length} in ${cycleS} s`);
    expect(new Set(rhythms).size).toBe(all.length);
  });
});
