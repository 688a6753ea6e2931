// What the checker says of the files that are being written: asked after the last key, and again
// where the station gave no answer. What it said of an older text is never shown for a newer one.
import { type Ref, shallowRef } from 'vue';

import type { RuleCheck } from '../api/contract';
import { workbenchApi } from '../api/workbench';
import type { Texts } from '../domain/draft';
import type { Attempt } from './useAttempt';

/** After the last key the checker is asked. */
const AFTER_MS = 400;
/** A station that gave no answer is asked again for as long as the page is open. */
const AGAIN_MS = 3_000;

export function useChecker(
  { quietly }: Attempt, files: Readonly<Ref<Texts>>, mayTry: () => boolean,
) {
  const check = shallowRef<RuleCheck | null>(null);
  let timer: number | undefined;
  /** Of several questions only the newest is taken; one that is over has no number. */
  let newest = 0;

  async function checkNow(): Promise<void> {
    newest += 1;
    const mine = newest;
    let answered: RuleCheck | null = null as RuleCheck | null;
    await quietly(() => workbenchApi.check(files.value), (answer) => {
      answered = answer;
    });
    if (mine !== newest) {
      return;
    }
    check.value = answered;
    if (answered === null) {
      askAfter(AGAIN_MS);
    }
  }

  function askAfter(waitMs: number): void {
    window.clearTimeout(timer);
    timer = mayTry() ? window.setTimeout(() => void checkNow(), waitMs) : undefined;
  }

  return {
    check, checkNow,
    askSoon: () => {
      askAfter(AFTER_MS);
    },
    stop: () => {
      newest += 1;
      window.clearTimeout(timer);
    },
  };
}
