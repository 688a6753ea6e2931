// Calls of the workbench: texts of rule sets, checker, tests, backtests, trial and going back.
import { act, request } from './client';
import type {
  Backtest,
  BacktestRequest,
  Incidents,
  RuleCheck,
  RuleSet,
  RuleStates,
  RuleTests,
  RuleVersion,
  Shadow,
  ShadowAnswer,
} from './contract';

export type Files = Record<string, string>;

export const workbenchApi = {
  set: (name: string) => request<RuleSet>(`/rules/sets/${encodeURIComponent(name)}`),
  schema: () => request<unknown>('/rules/schema'),
  states: (rule: string | null) =>
    request<RuleStates>(`/rules/state${rule === null ? '' : `?rule=${encodeURIComponent(rule)}`}`),
  check: (files: Files) => request<RuleCheck>('/rules/check', act('POST', { files })),
  test: (files: Files) => request<RuleTests>('/rules/tests', act('POST', { files })),
  versions: () => request<RuleVersion[]>('/rules/versions'),
  shadow: () => request<ShadowAnswer>('/rules/shadow'),
  propose: (files: Files, note: string) =>
    request<Shadow>('/rules/shadow', act('POST', { files, note })),
  withdraw: () => request<ShadowAnswer>('/rules/shadow', act('DELETE')),
  confirm: (note: string) => request<RuleVersion>('/rules/promote', act('POST', { note })),
  goBack: (note: string) => request<RuleVersion>('/rules/rollback', act('POST', { note })),
  backtests: () => request<Backtest[]>('/backtests'),
  backtest: (id: number) => request<Backtest>(`/backtests/${id}`),
  begin: (body: BacktestRequest) => request<Backtest>('/backtests', act('POST', body)),
  drop: (id: number) => request<Backtest>(`/backtests/${id}`, act('DELETE')),
  incidents: () => request<Incidents>('/incidents'),
};
