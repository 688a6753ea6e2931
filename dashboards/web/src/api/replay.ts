// Calls that a replay is made of.
import { request } from './client';
import type { Buckets, Channel, WarningEvent } from './contract';
import type { Piece } from '../domain/replay';

/** Channels of one question: the station's limit. */
const CHANNELS_MAX = 100;

export const replayApi = {
  /** All channels of a piece, one question after the other. */
  buckets: async (channels: readonly Channel[], { fromMs, toMs }: Piece, stepMs: number) => {
    const found: Buckets['channels'] = [];
    for (let begin = 0; begin < channels.length; begin += CHANNELS_MAX) {
      const ids = channels.slice(begin, begin + CHANNELS_MAX).map(({ id }) => id).join(',');
      const answer = await request<Buckets>(
        `/buckets?channels=${ids}&from_ms=${fromMs}&to_ms=${toMs}&step_ms=${stepMs}`);
      found.push(...answer.channels);
    }
    return found;
  },
  life: (id: string) => request<WarningEvent[]>(`/warnings/${encodeURIComponent(id)}/events`),
};
