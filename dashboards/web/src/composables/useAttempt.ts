// One act at a time on a page that does several, and the station's refusal, kept until it is read.
// What was typed belongs to others and stays there whatever happens.
import { ref, shallowRef } from 'vue';

import { problemText } from '../api/client';
import type { Text } from '../api/contract';

export function useAttempt() {
  const problem = shallowRef<Text | null>(null);
  const doing = ref<string | null>(null);

  /** Does something unless something else is being done; gives whether it is done. */
  async function attempt(name: string, does: () => Promise<void>): Promise<boolean> {
    if (doing.value !== null) {
      return false;
    }
    doing.value = name;
    problem.value = null;
    try {
      await does();
      return true;
    } catch (error) {
      problem.value = problemText(error);
      return false;
    } finally {
      doing.value = null;
    }
  }

  /** Asks in the background; a failure leaves what was shown. */
  async function quietly<T>(ask: () => Promise<T>, take: (answer: T) => void): Promise<void> {
    try {
      take(await ask());
    } catch (error) {
      problem.value ??= problemText(error);
    }
  }

  return { problem, doing, attempt, quietly };
}

export type Attempt = ReturnType<typeof useAttempt>;
