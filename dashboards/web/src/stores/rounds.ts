// Asks for what the stream does not carry whole: holds, floods, drills, incidents, duty. At a fixed
// pace, and at once when the stream says that something of it changed.
import { watch } from 'vue';

import { forgetDuty, refreshDuty } from './duty';
import { refreshIncidents } from './incidents';
import { refreshLife } from './life';
import { session } from './session';
import { station } from './station';
import { refreshTold } from './told';

/** Between two rounds when nothing is told … */
const EVERY_MS = 5_000;
/** … and at least, however much the stream tells. */
const SOONEST_MS = 1_000;
const TICK_MS = 250;

const mayAsk = () => session.need.value === 'nothing' && station.link.value.need === 'nothing';
const maySeeDuty = () => session.me.value?.may.includes('contacts') ?? false;

let askedAtMs = -EVERY_MS;
let isStale = true;

function round(): void {
  const sinceMs = performance.now() - askedAtMs;
  if (!mayAsk() || sinceMs < (isStale ? SOONEST_MS : EVERY_MS)) {
    return;
  }
  askedAtMs = performance.now();
  isStale = false;
  void refreshLife();
  void refreshTold();
  void refreshIncidents();
  if (maySeeDuty()) {
    void refreshDuty();
  }
}

/** Starts the rounds; gives back how to stop them. */
export function startRounds(): () => void {
  const timer = window.setInterval(round, TICK_MS);
  const stops = [
    // Another account, or the link is back, or more happened than readings.
    watch([session.me, () => station.link.value.need, station.changes], () => {
      isStale = true;
    }),
    watch(maySeeDuty, (may) => {
      if (!may) {
        forgetDuty();
      }
    }),
  ];
  return () => {
    window.clearInterval(timer);
    stops.forEach((stop) => {
      stop();
    });
  };
}
