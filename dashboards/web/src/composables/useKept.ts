// What is typed into a form outlives a closing by mistake, another page and a reload, until it is
// sent: for the person who typed it, in this tab. Passwords are never passed to it.
import { ref, type Ref, watch } from 'vue';

import { forgetTexts, keepText, keptTexts } from '../domain/kept';
import { session } from '../stores/session';

/** `form`: which form, and of what. */
export function useKept(form: string) {
  const key = `${session.me.value?.name ?? ''} ${form}`;
  const before = keptTexts(sessionStorage, key);
  const isRestored = ref(false);

  /** A text of the form: as it was left, or as the form begins. */
  function text(field: string, initial = ''): Ref<string> {
    const own = ref(before[field] ?? initial);
    isRestored.value ||= own.value !== initial;
    watch(own, (now) => {
      keepText(sessionStorage, key, field, now === initial ? null : now);
    });
    return own;
  }

  return {
    text,
    isRestored,
    forget: () => {
      isRestored.value = false;
      forgetTexts(sessionStorage, key);
    },
  };
}

export type KeptForm = ReturnType<typeof useKept>;
