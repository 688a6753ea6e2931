// The rule texts that somebody writes: what runs beneath them, what the browser keeps of them, what
// the checker says. Nothing that was typed is thrown away but by `discard`.
import { computed, ref, shallowRef, watch } from 'vue';

import type { RuleCheck, RuleSet } from '../api/contract';
import { workbenchApi } from '../api/workbench';
import { forgetDraft, isSame, keepDraft, keptDraft, type Texts, textsOf } from '../domain/draft';
import type { Attempt } from './useAttempt';

/** After the last key the checker is asked. */
const CHECK_AFTER_MS = 400;

export function useDraft({ quietly }: Attempt, mayTry: () => boolean) {
  const running = shallowRef<RuleSet | null>(null);
  const files = ref<Texts>({});
  const file = ref('');
  const isRestored = ref(false);
  const isKept = ref(true);
  const check = shallowRef<RuleCheck | null>(null);
  const base = computed(() => (running.value === null ? {} : textsOf(running.value)));
  const isChanged = computed(() => running.value !== null && !isSame(files.value, base.value));

  function take(set: RuleSet): void {
    const was = running.value;
    const follows = was !== null && isSame(files.value, textsOf(was));
    running.value = set;
    if (was === null) {
      const draft = keptDraft(localStorage);
      isRestored.value = draft !== null && !isSame(draft.files, textsOf(set));
      files.value = draft?.files ?? textsOf(set);
    } else if (follows) {
      files.value = textsOf(set);
    }
    if (!(file.value in files.value)) {
      file.value = Object.keys(files.value).sort()[0] ?? '';
    }
    keep();
  }

  /** The browser keeps what differs from what runs, and only that. */
  function keep(): void {
    if (isChanged.value) {
      const draft = { base: running.value?.number ?? 0, files: files.value };
      isKept.value = keepDraft(localStorage, draft);
    } else if (running.value !== null) {
      forgetDraft(localStorage);
    }
  }

  let timer: number | undefined;
  let asked = 0;
  async function checkNow(): Promise<void> {
    asked += 1;
    const mine = asked;
    await quietly(() => workbenchApi.check(files.value), (answer) => {
      if (mine === asked) {
        check.value = answer;
      }
    });
  }
  watch(files, () => {
    keep();
    window.clearTimeout(timer);
    timer = mayTry() ? window.setTimeout(() => void checkNow(), CHECK_AFTER_MS) : undefined;
  });

  return {
    running, files, file, isRestored, isKept, isChanged, check, base, checkNow,
    readRunning: () => quietly(() => workbenchApi.set('running'), take),
    write: (name: string, text: string) => {
      files.value = { ...files.value, [name]: text };
    },
    /** Back to what runs; the draft is thrown away. */
    discard: () => {
      files.value = { ...base.value };
      isRestored.value = false;
    },
    stop: () => {
      window.clearTimeout(timer);
    },
  };
}

export type DraftDesk = ReturnType<typeof useDraft>;
