// Small parks for tests. Only tests import this.
import type {
  Alarm,
  Analyzer,
  AnalyzerHealth,
  Channel,
  ChannelValue,
  Correction,
  Edge,
  Health,
  MirrorHealth,
  Rule,
  Rules,
  Site,
  Tier,
  Warning,
} from '../api/contract';
import { type Park, parkOf, type Snapshot } from './park';

/** 2026-01-01T00:00:00+08:00. */
export const NOW_MS = 1_767_196_800_000;

export const moment = (ms: number) => new Date(ms).toISOString();

export function rule(tier: Tier, raiseAt: number, kind: Rule['kind'] = 'threshold'): Rule {
  const name = { zh: tier, en: tier };
  const limits = { raise_at: raiseAt, clear_below: raiseAt };
  return { rule: `chlorine-${tier}`, name, kind, tier, ...limits, source: 's' };
}

export function analyzer(id: string): Analyzer {
  return {
    id,
    name: { zh: id, en: id },
    area: 'tank-farm',
    position: { x_m: 0, y_m: 0 },
    height_m: 1.5,
    profile: 'p',
    protocol: 'mqtt',
    poll_ms: 1_000,
  };
}

export function channel(id: string, of: string, extra: Partial<Channel> = {}): Channel {
  return {
    id,
    analyzer: of,
    area: 'tank-farm',
    quantity: 'chlorine',
    is_gas: true,
    unit: 'ppm',
    range_low: 0,
    range_high: 50,
    resolution: 0.01,
    rules: [rule('yellow', 0.345), rule('orange', 2), rule('red', 20)],
    ...extra,
  };
}

export function value(id: string, extra: Partial<ChannelValue> = {}): ChannelValue {
  return {
    channel: id,
    measured_at: moment(NOW_MS),
    received_at: moment(NOW_MS),
    value: 0.1,
    quality: 'good',
    tier: null,
    no_data: false,
    ...extra,
  };
}

/** A gas alarm; without a tier one about equipment, of `mute`'s kind. */
export function alarm(
  on: string, tier: Tier | null, limit: number | null = 2, mute = 'no-data',
): Alarm {
  const kind = tier === null ? mute : 'gas';
  const of = tier === null ? mute : `chlorine-${tier}`;
  return {
    rule: of, channel: on, kind, tier, since: moment(NOW_MS), value: limit, limit, unit: 'ppm',
  };
}

export function correction(seq: number, extra: Partial<Correction> = {}): Correction {
  return {
    seq,
    change: 'added',
    found_at: moment(NOW_MS),
    edge: 'raise',
    at: moment(NOW_MS - 600_000),
    alarm: alarm('a-cl2', 'red', 20),
    ...extra,
  };
}

export function warning(id: string, extra: Partial<Warning> = {}): Warning {
  return {
    id,
    gas: 'chlorine',
    area: 'tank-farm',
    tier: 'yellow',
    tier_peak: 'yellow',
    state: 'active-unacknowledged',
    raised_at: moment(NOW_MS),
    changed_at: moment(NOW_MS),
    alarms: [],
    channels: [],
    chattering: [],
    is_owed: false,
    ...extra,
  };
}

/** A gateway that is linked and behind by nothing. */
export function edge(id: string, extra: Partial<Edge> = {}): Edge {
  return {
    edge: id,
    connected: true,
    since: moment(NOW_MS - 3_600_000),
    last_frame_at: moment(NOW_MS - 200),
    last_error: null,
    last_error_zh: null,
    committed: [{ from: 0, until: 36_000 }],
    next_seq: 36_000,
    batches_behind: 0,
    readings: 1_800_000,
    readings_backlog: 0,
    refused: 0,
    skew_ms: 12,
    skew_error_ms: 3,
    gaps: 0,
    readings_lost: 0,
    gaps_newest: [],
    spool: { bytes: 524_288, bytes_max: 2_147_483_648, readings: 0, failing: null },
    siren: null,
    alarms: [],
    alarm_events: [],
    ...extra,
  };
}

/** A mirror whose target has everything. */
export function mirror(id: string, extra: Partial<MirrorHealth> = {}): MirrorHealth {
  return {
    mirror: id,
    state: 'ok',
    last_error: null,
    failures: 0,
    failures_in_a_row: 0,
    restarts: 0,
    readings: 1_800_000,
    events: 12,
    lines_accepted: 1_800_012,
    refused: 0,
    refused_kept: 0,
    requests_too_old: 0,
    damaged: 0,
    batches_behind: 0,
    chunks_behind: 0,
    oldest_waiting_ms: 0,
    written_at: moment(NOW_MS - 500),
    missed_days: 0,
    note: null,
    newest_received_at: moment(NOW_MS - 900),
    complete_at: moment(NOW_MS - 500),
    ...extra,
  };
}

export function lineHealth(of: string, extra: Partial<AnalyzerHealth> = {}): AnalyzerHealth {
  return {
    analyzer: of,
    link: 'online',
    since: moment(NOW_MS),
    exchanges_ok: 0,
    exchanges_failed: 0,
    connects: 1,
    refused: 0,
    polls_late: 0,
    ...extra,
  };
}

function health(analyzers: AnalyzerHealth[], seq: number): Health {
  const counters = {
    readings: 0, late: 0, duplicates: 0, quarantined: 0, refused: 0, dropped: 0, events: 0,
    damaged: 0,
  };
  return {
    clock_ahead_ms: 0,
    status: 'ok', now: moment(NOW_MS), started_at: moment(NOW_MS), version: '0', seq, analyzers,
    counters,
    rules: { version: 1, source: 'start', differs_from_site: false, restart_needed: [] },
    mirrors: [],
    self_proof: {
      state: 'ok', last_at: moment(NOW_MS), age_ms: 0, way_ms: 3, broken_at: null,
    },
    audit: { entries: 0, checkpoints: 0 },
    messages: { open: 0, failed: 0, unreceipted: 0, recipients: [] },
    maintenance: { overdue: 0, no_record: 0, soon: 0 },
  };
}

const RULES: Rules = {
  version: {
    number: 1, at: moment(NOW_MS), source: 'start', by: '', note: '', proposed_by: null,
    differs_from_site: false,
  },
  rules: [],
};

export function site(channels: Channel[]): Site {
  const ids = [...new Set(channels.map((item) => item.analyzer))];
  return {
    id: 's',
    name: { zh: 's', en: 's' },
    utc_offset_s: 28_800,
    tiers: ['yellow', 'orange', 'red'],
    areas: [],
    analyzers: ids.map(analyzer),
    channels,
    gases: [],
    receivers: [],
    shelves: [],
    origin: null,
    map: null,
    simulated: false,
  };
}

/** A park of two analyzers, each with a chlorine channel: `a-cl2` and `b-cl2`. */
export function park(extra: Partial<Snapshot> = {}, seq = 10): Park {
  return parkOf({
    site: site([channel('a-cl2', 'a'), channel('b-cl2', 'b')]),
    values: [value('a-cl2'), value('b-cl2')],
    warnings: [],
    alarms: [],
    health: health([lineHealth('a'), lineHealth('b')], seq),
    rules: RULES,
    corrections: [],
    edges: [],
    ...extra,
  });
}
