// One thing that the station is asked for again and again. The last answer stays on show when a
// later one fails, with the failure beside it; it is never asked for twice at once.
import { readonly, shallowRef, type ShallowRef } from 'vue';

import { problemText } from '../api/client';
import type { Text } from '../api/contract';

export interface Polled<T> {
  readonly value: Readonly<ShallowRef<T | null>>;
  readonly problem: Readonly<ShallowRef<Text | null>>;
  /** Asks now; while an answer is on its way once more after it. */
  refresh: () => Promise<void>;
  /** Forgets the answer: somebody else sits here now. */
  forget: () => void;
}

export function polled<T>(ask: () => Promise<T>): Polled<T> {
  const value = shallowRef<T | null>(null);
  const problem = shallowRef<Text | null>(null);
  let asking: Promise<void> | null = null;
  let isAgain = false;
  let generation = 0;

  async function once(): Promise<void> {
    const mine = generation;
    try {
      const answer = await ask();
      if (mine === generation) {
        value.value = answer;
        problem.value = null;
      }
    } catch (error) {
      if (mine === generation) {
        problem.value = problemText(error);
      }
    }
  }

  function refresh(): Promise<void> {
    if (asking === null) {
      asking = rounds();
    } else {
      isAgain = true;
    }
    return asking;
  }

  async function rounds(): Promise<void> {
    await once();
    asking = null;
    if (isAgain) {
      isAgain = false;
      await refresh();
    }
  }

  return {
    value: readonly(value) as typeof value,
    problem: readonly(problem),
    refresh,
    forget: () => {
      generation += 1;
      value.value = null;
      problem.value = null;
    },
  };
}
