// One form: what is wrong with each field, the station's refusal, and whether it is being sent.
// What was typed belongs to the component and stays there whatever happens.
import { computed, type InjectionKey, provide, readonly, ref, type Ref, shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';

import { ApiError, problemText } from '../api/client';
import type { Text } from '../api/contract';
import { type Fault, type Faults, fieldOf, isText } from '../domain/form';
import { textIn } from '../domain/language';
import { askAgain } from '../stores/acts';
import { view } from '../stores/view';
import type { KeptForm } from './useKept';

/** Counts the presses of the button: what is wrong with a field is said until it is changed. */
export const PRESSES_KEY: InjectionKey<Readonly<Ref<number>>> = Symbol('presses');

/**
 * `fields`: those that have a place for what is wrong with them. `kept`: what is kept of the form
 * until it is sent.
 */
export function useForm(fields: readonly string[], kept?: KeptForm) {
  const { t } = useI18n();
  const sending = ref(false);
  const faults = shallowRef<Faults>({});
  const problem = shallowRef<Text | null>(null);
  const report = ref<string | null>(null);
  const presses = ref(0);
  provide(PRESSES_KEY, readonly(presses));

  const words = (fault: Fault) =>
    isText(fault) ? textIn(fault, view.lang) : t(fault.key, fault.holes);
  const faultOf = (field: string) => {
    const fault = faults.value[field];
    return fault === undefined ? null : words(fault);
  };
  const complaint = computed(() =>
    problem.value === null ? null : textIn(problem.value, view.lang));

  function refuse(error: unknown): void {
    presses.value += 1;
    const text = problemText(error);
    askAgain(error);
    report.value = error instanceof ApiError ? error.report : null;
    const field =
      error instanceof ApiError ? fieldOf(error.kind, error.detail.en, fields) : null;
    if (field !== null) {
      faults.value = { [field]: text };
    } else {
      problem.value = text;
    }
  }

  /** Sends unless something is wrong already; gives whether it is done. */
  async function submit(found: Faults, send: () => Promise<unknown>): Promise<boolean> {
    presses.value += 1;
    problem.value = null;
    report.value = null;
    faults.value = found;
    if (sending.value || Object.keys(found).length > 0) {
      return false;
    }
    sending.value = true;
    try {
      await send();
      kept?.forget();
      return true;
    } catch (error) {
      refuse(error);
      return false;
    } finally {
      sending.value = false;
    }
  }

  return { sending, complaint, report, faultOf, submit };
}
