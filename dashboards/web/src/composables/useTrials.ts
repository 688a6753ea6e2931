// What is tried with a draft: rule tests, backtests, the trial set and its way to running.
import { shallowRef } from 'vue';

import type {
  Backtest, BacktestRequest, RuleTests, RuleVersion, Shadow,
} from '../api/contract';
import { workbenchApi } from '../api/workbench';
import type { Attempt } from './useAttempt';
import type { DraftDesk } from './useDraft';

export function useTrials({ attempt, quietly }: Attempt, { files, readRunning }: DraftDesk) {
  const tests = shallowRef<RuleTests | null>(null);
  const shadow = shallowRef<Shadow | null>(null);
  const versions = shallowRef<RuleVersion[]>([]);
  const backtests = shallowRef<Backtest[]>([]);
  const shown = shallowRef<Backtest | null>(null);

  const lookAtShadow = () => quietly(workbenchApi.shadow, (answer) => {
    shadow.value = answer.shadow ?? null;
  });
  const lookAtVersions = () => quietly(workbenchApi.versions, (answer) => {
    versions.value = answer;
  });
  const lookAtBacktests = () => quietly(workbenchApi.backtests, (answer) => {
    backtests.value = answer;
  });
  const open = (id: number) => quietly(() => workbenchApi.backtest(id), (answer) => {
    shown.value = answer;
  });
  const changed = async () => {
    await Promise.all([readRunning(), lookAtShadow(), lookAtVersions()]);
  };

  return {
    tests, shadow, versions, backtests, shown, open, lookAtVersions,
    /** What moves by itself or by others' hands. */
    look: async () => {
      const one = shown.value;
      const goesOn = one !== null && ['queued', 'running'].includes(one.state);
      await Promise.all([lookAtShadow(), lookAtBacktests(), goesOn ? open(one.id) : null]);
    },
    runTests: () => attempt('tests', async () => {
      tests.value = await workbenchApi.test(files.value);
    }),
    begin: (wish: Omit<BacktestRequest, 'files'>) => attempt('backtest', async () => {
      shown.value = await workbenchApi.begin({ ...wish, files: files.value });
      await lookAtBacktests();
    }),
    drop: (id: number) => attempt('backtest', async () => {
      const left = await workbenchApi.drop(id);
      shown.value = shown.value?.id === id ? left : shown.value;
      await lookAtBacktests();
    }),
    /** These four say why they are refused to their form. */
    propose: async (note: string) => {
      shadow.value = await workbenchApi.propose(files.value, note);
    },
    withdraw: async () => {
      await workbenchApi.withdraw();
      shadow.value = null;
    },
    confirm: async (note: string) => {
      await workbenchApi.confirm(note);
      await changed();
    },
    goBack: async (note: string) => {
      await workbenchApi.goBack(note);
      await changed();
    },
  };
}
