// What a replay is made of, asked for in bounded pieces: the alarms of the span and the lives of
// their warnings at its begin, values around the moment that is shown. Keeps few pieces.
import { computed, type Ref, onScopeDispose, shallowRef, watch } from 'vue';

import { alarmsApi } from '../api/alarms';
import { problemText } from '../api/client';
import type { AlarmRecord, Bucket, Text, WarningEvent } from '../api/contract';
import { replayApi } from '../api/replay';
import { asked, NO_FILTER } from '../domain/alarms';
import { type Past, type Piece, pieceAt, stepMsOf } from '../domain/replay';
import { station } from '../stores/station';

export interface Span {
  fromMs: number;
  toMs: number;
}

/** Alarms of a span; more are not replayed, and that is said. */
const RECORDS_MAX = 20_000;
/** Warnings whose lives are asked for; of the others only the alarms are shown. */
const LIVES_MAX = 200;
/** Lives that are asked for at the same time. */
const LIVES_AT_ONCE = 4;
const PIECES_KEPT = 6;
/** After a failure. */
const RETRY_MS = 3_000;

type ByChannel = ReadonlyMap<string, readonly Bucket[]>;

async function recordsOf({ fromMs, toMs }: Span): Promise<AlarmRecord[]> {
  const params = asked({ ...NO_FILTER, fromMs, toMs });
  const found: AlarmRecord[] = [];
  let next: string | null = null;
  do {
    const page = await alarmsApi.page(params, next);
    found.push(...page.records);
    next = page.next ?? null;
  } while (next !== null && found.length < RECORDS_MAX);
  return found;
}

async function livesOf(ids: readonly string[]): Promise<WarningEvent[][]> {
  const lives: WarningEvent[][] = [];
  for (let begin = 0; begin < ids.length; begin += LIVES_AT_ONCE) {
    const some = ids.slice(begin, begin + LIVES_AT_ONCE);
    lives.push(...await Promise.all(some.map((id) => replayApi.life(id))));
  }
  return lives;
}

/** The pieces that a moment needs, the most urgent first. */
function piecesFor(of: Span, atMs: number, stepMs: number): Piece[] {
  const here = pieceAt(atMs, stepMs);
  const before = pieceAt(here.fromMs - 1, stepMs);
  const next = pieceAt(here.toMs, stepMs);
  // A value is of the step before: at the begin of a piece that is in the one before.
  const isAtBegin = atMs - here.fromMs < 2 * stepMs;
  return [here, ...(isAtBegin ? [before] : []), ...(next.fromMs < of.toMs ? [next] : [])];
}

/** With a new piece; of more than are kept the one that was asked for first goes. */
function withPiece(
  pieces: ReadonlyMap<number, ByChannel>, fromMs: number, piece: ByChannel,
): ReadonlyMap<number, ByChannel> {
  const all = new Map(pieces).set(fromMs, piece);
  for (const old of [...all.keys()].slice(0, Math.max(all.size - PIECES_KEPT, 0))) {
    all.delete(old);
  }
  return all;
}

/** Two pieces that follow on each other as one. */
function joined(old: ByChannel | undefined, now: ByChannel | undefined): ByChannel {
  const buckets = new Map(old ?? []);
  now?.forEach((own, channel) => {
    buckets.set(channel, [...(old?.get(channel) ?? []), ...own]);
  });
  return buckets;
}

interface Known {
  records: AlarmRecord[];
  lives: WarningEvent[][];
  isCut: boolean;
}

async function knownOf(of: Span): Promise<Known> {
  const records = await recordsOf(of);
  const ids = [...new Set(records.flatMap(({ warning }) => warning ?? []))];
  const lives = await livesOf(ids.slice(0, LIVES_MAX));
  return { records, lives, isCut: ids.length > LIVES_MAX || records.length >= RECORDS_MAX };
}

export function useReplayData(span: Ref<Span | null>, atMs: Ref<number>) {
  const known = shallowRef<Known | null>(null);
  const pieces = shallowRef<ReadonlyMap<number, ByChannel>>(new Map());
  const problem = shallowRef<Text | null>(null);
  const stepMs = computed(() => stepMsOf((span.value?.toMs ?? 0) - (span.value?.fromMs ?? 0)));
  /** Begin of the piece that is shown. */
  const hereMs = computed(() => pieceAt(atMs.value, stepMs.value).fromMs);
  let [generation, triedAtMs] = [0, 0];
  let asking: number | null = null;

  async function take(of: Span, isWanted: () => boolean, piece: Piece | undefined): Promise<void> {
    if (known.value === null) {
      const found = await knownOf(of);
      known.value = isWanted() ? found : known.value;
    } else if (piece !== undefined) {
      const channels = station.park.value?.site.channels ?? [];
      const found = await replayApi.buckets(channels, piece, stepMs.value);
      const own = new Map(found.map(({ channel, buckets }) => [channel, buckets]));
      pieces.value = isWanted() ? withPiece(pieces.value, piece.fromMs, own) : pieces.value;
    }
  }

  /** Asks for what is wanted most, until nothing is. */
  async function ask(): Promise<void> {
    const [of, mine] = [span.value, generation];
    const wanted = of === null ? [] : piecesFor(of, atMs.value, stepMs.value);
    const piece = wanted.find(({ fromMs }) => !pieces.value.has(fromMs));
    const isEarly = problem.value !== null && performance.now() - triedAtMs < RETRY_MS;
    if (of === null || asking === mine || isEarly || (known.value !== null && !piece)) {
      return;
    }
    [asking, triedAtMs] = [mine, performance.now()];
    let failure: Text | null = null;
    try {
      await take(of, () => mine === generation, piece);
    } catch (error) {
      failure = problemText(error);
    }
    if (mine === generation) {
      [asking, problem.value] = [null, failure];
      void ask();
    }
  }

  watch(span, () => {
    generation += 1;
    [known.value, pieces.value, problem.value] = [null, new Map(), null];
    void ask();
  }, { immediate: true });
  watch(atMs, () => void ask());
  const timer = window.setInterval(() => void ask(), RETRY_MS);
  onScopeDispose(() => {
    generation += 1;
    window.clearInterval(timer);
  });

  const isReady = computed(() => known.value !== null && pieces.value.has(hereMs.value));
  const past = computed<Past>(() => {
    const beforeMs = pieceAt(hereMs.value - 1, stepMs.value).fromMs;
    const buckets = joined(pieces.value.get(beforeMs), pieces.value.get(hereMs.value));
    const { records = [], lives = [] } = known.value ?? {};
    return { stepMs: stepMs.value, buckets, records, lives };
  });
  const isCut = computed(() => known.value?.isCut ?? false);
  const livesCount = computed(() => known.value?.lives.length ?? 0);
  return { past, stepMs, isReady, isCut, problem, livesCount };
}
