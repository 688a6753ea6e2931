// Devices as people read about them: how they answer, what their clock says, what went wrong.
import type { Device, DeviceErrors } from '../api/contract';

/** A difference of clocks with its sign: `+120 ms`, `−3.2 s`; `—` where nothing is known. */
export function skewText(ms: number | null | undefined): string {
  if (ms == null) {
    return '—';
  }
  const sign = ms < 0 ? '−' : '+';
  const size = Math.abs(ms);
  return size < 1_000 ? `${sign}${size} ms` : `${sign}${(size / 1_000).toFixed(1)} s`;
}

/** Beyond this a clock is worth a word: readings would stand at the wrong moment. */
const SKEW_MS_TOLD = 5_000;

export function isSkewed(device: Device): boolean {
  return device.clock != null && Math.abs(device.clock.skew_ms) > SKEW_MS_TOLD;
}

export type ErrorKind = 'unanswered' | 'unusable' | 'refused' | 'polls_late';
const KINDS: readonly ErrorKind[] = ['unanswered', 'unusable', 'refused', 'polls_late'];

/** What went wrong by kind, in order; null where only a gateway knows. */
export function errorsOf(errors: DeviceErrors): { kind: ErrorKind; count: number | null }[] {
  return KINDS.map((kind) => ({ kind, count: errors[kind] ?? null }));
}

/** How loud a device's state is: one that does not answer is a silent failure. */
export function isLoud(device: Device): boolean {
  return device.state === 'silent' || device.state === 'faulty';
}
