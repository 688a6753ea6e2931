// The rule texts that somebody writes: what runs beneath them, what the browser keeps of them, what
// the checker says. Nothing that was typed is thrown away but by `discard`.
import { computed, ref, shallowRef, watch } from 'vue';

import type { RuleSet } from '../api/contract';
import { workbenchApi } from '../api/workbench';
import { forgetDraft, isSame, keepDraft, keptDraft, type Texts, textsOf } from '../domain/draft';
import type { Attempt } from './useAttempt';
import { useChecker } from './useChecker';
import { useDraftFiles } from './useDraftFiles';

export function useDraft(attempt: Attempt, mayTry: () => boolean) {
  const { quietly } = attempt;
  const running = shallowRef<RuleSet | null>(null);
  const files = ref<Texts>({});
  const file = ref('');
  const isRestored = ref(false);
  const isKept = ref(true);
  const checker = useChecker(attempt, files, mayTry);
  const base = computed(() => (running.value === null ? {} : textsOf(running.value)));
  const { showSome, ...changes } = useDraftFiles(files, file, base);
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
    showSome();
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

  watch(files, () => {
    keep();
    checker.askSoon();
  });

  return {
    running, files, file, isRestored, isKept, isChanged, check: checker.check, base,
    checkNow: checker.checkNow, ...changes,
    readRunning: () => quietly(() => workbenchApi.set('running'), take),
    write: (name: string, text: string) => {
      files.value = { ...files.value, [name]: text };
    },
    /** Back to what runs; the draft is thrown away. */
    discard: () => {
      files.value = { ...base.value };
      showSome();
      isRestored.value = false;
    },
    stop: checker.stop,
  };
}

export type DraftDesk = ReturnType<typeof useDraft>;
