// The record of alarms as the filter asks for it: page by page up to a limit, renewed when the
// station tells of something new. What fails is given out; what stands there stays.
import { type Ref, onScopeDispose, shallowRef, watch } from 'vue';

import { alarmsApi } from '../api/alarms';
import { problemText } from '../api/client';
import type { AlarmRecord, Text } from '../api/contract';
import { type AlarmFilter, asked, keyOf, withFirstPage } from '../domain/alarms';
import { station } from '../stores/station';

/** Rows that the page holds; beyond it the reader is told to narrow the filter. */
export const ROWS_MAX = 20_000;
/** After something new the first page is asked for again, at most so often … */
const SOONEST_MS = 2_000;
/** … and everything that is held, so often. */
const WHOLE_MS = 30_000;
const TICK_MS = 500;

/** All pages. `isWanted` says whether somebody still waits; `onPage` shows what is there so far. */
async function allPages(
  params: URLSearchParams, isWanted: () => boolean, onPage: (so: AlarmRecord[]) => void,
): Promise<{ found: AlarmRecord[]; isWhole: boolean }> {
  const found: AlarmRecord[] = [];
  let next: string | null = null;
  do {
    const page = await alarmsApi.page(params, next);
    found.push(...page.records);
    next = page.next ?? null;
    if (isWanted()) {
      onPage([...found]);
    }
  } while (next !== null && found.length < ROWS_MAX && isWanted());
  return { found, isWhole: next === null };
}

/** More is new than a page holds: what lies between must not be left out. */
function isApart(held: readonly AlarmRecord[], page: readonly AlarmRecord[]): boolean {
  const known = new Set(held.map(keyOf));
  return !page.some((record) => known.has(keyOf(record)));
}

export function useAlarmRecords(filter: Ref<AlarmFilter>) {
  const records = shallowRef<AlarmRecord[]>([]);
  const problem = shallowRef<Text | null>(null);
  /** Whether all that fits is here, and not only the newest. */
  const isWhole = shallowRef(false);
  const isLoading = shallowRef(false);
  /** `told` counts what the station said is new, `taken` how much of it is in the rows. */
  let [generation, askedAtMs, wholeAtMs, told, taken] = [0, 0, 0, 0, 0];

  async function load(isWanted: () => boolean): Promise<void> {
    const isFirst = records.value.length === 0;
    const all = await allPages(asked(filter.value), isWanted, (some) => {
      records.value = isFirst ? some : records.value;
    });
    if (isWanted()) {
      [records.value, isWhole.value] = [all.found, all.isWhole];
      wholeAtMs = performance.now();
    }
  }

  async function loadFirst(isWanted: () => boolean): Promise<void> {
    const page = await alarmsApi.page(asked(filter.value), null);
    if (page.next != null && isApart(records.value, page.records)) {
      await load(isWanted);
    } else if (isWanted()) {
      records.value = withFirstPage(records.value, page.records, page.next == null);
    }
  }

  async function run(ask: (isWanted: () => boolean) => Promise<void>): Promise<void> {
    const mine = generation;
    const telling = told;
    isLoading.value = true;
    let failure: Text | null = null;
    try {
      await ask(() => mine === generation);
    } catch (error) {
      failure = problemText(error);
    }
    if (mine === generation) {
      [isLoading.value, problem.value] = [false, failure];
      askedAtMs = performance.now();
      taken = failure === null ? telling : taken;
    }
  }

  watch(() => asked(filter.value).toString(), () => {
    generation += 1;
    [records.value, isWhole.value] = [[], false];
    void run(load);
  }, { immediate: true });
  watch([station.changes, () => station.link.value.generation], () => {
    told += 1;
  });
  const timer = window.setInterval(() => {
    const nowMs = performance.now();
    const isSoon = nowMs - askedAtMs < SOONEST_MS;
    if (isLoading.value || isSoon || station.link.value.need !== 'nothing') {
      return;
    }
    if ((!isWhole.value && records.value.length === 0) || nowMs - wholeAtMs > WHOLE_MS) {
      void run(load);
    } else if (told !== taken) {
      void run(loadFirst);
    }
  }, TICK_MS);
  onScopeDispose(() => {
    generation += 1;
    window.clearInterval(timer);
  });
  return { records, problem, isWhole, isLoading };
}
