// What an engineer works with, made for one page and gone with it, but for the draft, which the
// browser keeps.
import { ref, shallowRef } from 'vue';

import type { IncidentSummary, RuleStates } from '../api/contract';
import { workbenchApi } from '../api/workbench';
import { useAttempt } from './useAttempt';
import { useDraft } from './useDraft';
import { useTrials } from './useTrials';

/** How rules stand is asked this often, and what goes on. */
const LOOK_EVERY_MS = 2_000;

export function useWorkbench(mayTry: () => boolean) {
  const attempt = useAttempt();
  const draft = useDraft(attempt, mayTry);
  const trials = useTrials(attempt, draft);
  const schema = shallowRef<unknown>(null);
  const states = shallowRef<RuleStates | null>(null);
  const chosenRule = ref<string | null>(null);
  const incidents = shallowRef<IncidentSummary[]>([]);
  const { quietly, problem, doing } = attempt;

  const lookAtStates = () =>
    quietly(() => workbenchApi.states(chosenRule.value), (answer) => {
      states.value = answer;
    });

  /** The incidents as they are now: one may have begun since the page was opened. */
  const lookAtIncidents = () =>
    quietly(workbenchApi.incidents, (answer) => {
      // One without a warning says nothing of what there was to find.
      incidents.value = answer.incidents.filter(({ warnings }) => warnings.length > 0);
    });

  /** Everything that is there at the beginning; then what moves is asked for again. */
  function start(): () => void {
    void draft.readRunning();
    void trials.lookAtVersions();
    void quietly(workbenchApi.schema, (answer) => {
      schema.value = answer;
    });
    const look = () => {
      void lookAtStates();
      void trials.look();
    };
    look();
    const rounds = window.setInterval(look, LOOK_EVERY_MS);
    return () => {
      window.clearInterval(rounds);
      draft.stop();
    };
  }

  /** Shows the channels of a rule, or closes them. */
  function choose(id: string): void {
    chosenRule.value = chosenRule.value === id ? null : id;
    void lookAtStates();
  }

  return {
    ...draft, ...trials, problem, doing, schema, states, chosenRule, incidents, lookAtIncidents,
    choose, start,
  };
}

export type Workbench = ReturnType<typeof useWorkbench>;
