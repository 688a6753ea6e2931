// The colours of the chart, read from the page's own so that both themes hold.
import type { Tier } from '../api/contract';
import { TIERS } from '../domain/tiers';

export interface Palette {
  font: string;
  remPx: number;
  panel: string;
  raised: string;
  line: string;
  edge: string;
  text: string;
  muted: string;
  trend: string;
  envelope: string;
  blindBand: string;
  heldBand: string;
  tiers: Record<Tier, string>;
}

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  const tiers = Object.fromEntries(TIERS.map((tier) => [tier, of(`--tier-${tier}-line`)]));
  return {
    font: of('--font'),
    remPx: parseFloat(style.fontSize) || 16,
    panel: of('--panel'),
    raised: of('--raised'),
    line: of('--line'),
    edge: of('--edge'),
    text: of('--text'),
    muted: of('--muted'),
    trend: of('--trend-line'),
    envelope: of('--trend-band'),
    blindBand: of('--row-blind'),
    heldBand: of('--raised'),
    tiers: tiers as Record<Tier, string>,
  };
}
