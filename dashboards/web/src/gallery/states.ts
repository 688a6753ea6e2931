// Every state a component can be in, made from the samples of the tests.
import type {
  CertificateHealth, Drills, Edge, Flood, MirrorHealth, Quality, RulesHealth, Warning,
} from '../api/contract';
import { type Condition, CONDITIONS, DOUBTS } from '../domain/condition';
import type { EquipmentItem } from '../domain/equipment';
import { type Link, startLink } from '../domain/link';
import type { ProofShown } from '../domain/proof';
import {
  alarm, analyzer, channel, correction, edge, mirror, moment, NOW_MS, park, site, value, warning,
} from '../domain/samples';
import { TIERS } from '../domain/tiers';
import { answeredLives, lives as waitingLives } from './equipmentLives';

const chlorine = {
  id: 'chlorine', name: { zh: '氯', en: 'Chlorine' }, formula: 'Cl2', cas: null, hj_code: null,
};
const farm = {
  id: 'tank-farm',
  name: { zh: '液氯罐区', en: 'Liquid chlorine tank farm' },
  kind: 'tank-farm',
  outline: [],
};

export const samplePark = park({
  site: {
    ...site([channel('a-cl2', 'at-101'), channel('b-cl2', 'at-401')]),
    areas: [farm],
    gases: [chlorine],
  },
  values: [value('a-cl2', { value: 3.21 }), value('b-cl2', { value: 0.5, quality: 'fault' })],
});

const STATES: readonly Warning['state'][] = [
  'active-unacknowledged', 'active-acknowledged', 'returned-unacknowledged',
];

function inState(tier: Warning['tier'], state: Warning['state']): Warning {
  const returned = state === 'returned-unacknowledged';
  const by = state === 'active-acknowledged' ? '王伟' : null;
  return warning(`${tier}-${state}`, {
    tier,
    tier_peak: 'red',
    state,
    raised_at: moment(NOW_MS - 75_000),
    returned_at: returned ? moment(NOW_MS - 5_000) : null,
    acknowledged_by: by,
    acknowledged_at: by === null ? null : moment(NOW_MS - 30_000),
    acknowledged_note: by === null ? null : '已通知现场班长',
    alarms: returned ? [] : [alarm('a-cl2', tier, 2)],
    channels: ['a-cl2', 'b-cl2'],
  });
}

export const warnings = TIERS.toReversed().flatMap((tier) => STATES.map((s) => inState(tier, s)));

const shelf = {
  id: 'shelf.1', kind: 'shelf', subject: 'w', by: '王伟', reason: '标定气体',
  begun_at: moment(NOW_MS), until: moment(NOW_MS + 720_000), until_ms: NOW_MS + 720_000,
  left_ms: 720_000,
};

/** Kept from people, latched, passed on, chattering; then the same tier in a drill. */
export const lives: Warning[] = [
  { ...inState('red', 'active-unacknowledged'), id: 'passed', passing: {
    told: ['leader'], next_to: 'bureau', next_at: moment(NOW_MS + 95_000),
    next_at_ms: NOW_MS + 95_000,
    calls: [{
      to: 'leader', at: moment(NOW_MS - 5_000), found: 'substitute', is_gap: true,
      text: { zh: '排班有空缺，改呼替班', en: 'the roster has a gap: the substitute is called' },
      people: [{ id: 'li', name: '李敏', phone: '13800000000' }],
    }],
  } },
  { ...inState('orange', 'active-unacknowledged'), id: 'shelved', state: 'shelved', shelf },
  { ...inState('red', 'returned-unacknowledged'), id: 'latched', state: 'latched-acknowledged',
    chattering: ['a-cl2'] },
  { ...inState('yellow', 'active-unacknowledged'), id: 'suppressed', state: 'suppressed' },
  ...TIERS.toReversed().map((tier) => Object.assign(
    inState(tier, 'active-unacknowledged'), { id: `drill-${tier}`, exercise: 4 })),
];

export const drills: Drills = {
  running: {
    number: 4, area: 'tank-farm', gas: 'chlorine', state: 'running', begun_at_ms: NOW_MS - 60_000,
    ends_at_ms: NOW_MS + 540_000, begun_by: '王伟', peak: 20, unit: 'ppm', rise_ms: 60_000,
    hold_ms: 300_000, decay_ms: 60_000, release_at_ms: NOW_MS - 60_000, channels: [], note: '',
  },
  drills: [],
};

export const floods: Flood[] = [{
  position: 'north', name: { zh: '北区岗位', en: 'North desk' }, areas: [], calls: 14,
  begun_at: moment(NOW_MS - 400_000), first_out: warnings.map(({ id }) => id),
}];

/** A reading that leads to the condition. */
function valueIn(condition: Condition) {
  if (condition === 'no-data') {
    return value('a-cl2', { no_data: true, value: 0.3 });
  }
  if (condition === 'missing') {
    return value('a-cl2', { measured_at: null, received_at: null, value: null, quality: null });
  }
  if (condition === 'stale') {
    return value('a-cl2', { measured_at: moment(NOW_MS - 8_000) });
  }
  const doubt = DOUBTS.find((kind) => kind === condition);
  if (doubt !== undefined) {
    return { ...value('a-cl2'), doubt };
  }
  const mute = condition === 'comm-lost' || condition === 'fault';
  return value('a-cl2', { quality: condition as Quality, value: mute ? null : 0.1 });
}

export const rows = CONDITIONS.map((condition) => ({ condition, value: valueIn(condition) }));

const silent = {
  zh: '1000 ms 内无应答；请检查设备地址、供电和通信线路',
  en: 'no answer within 1000 ms; hint: check unit id, power and cable of the device',
};

/** The equipment alarm that goes with a condition, where there is one. */
function kindsIn(condition: Condition): EquipmentItem['kinds'] {
  return [...DOUBTS, 'no-data' as const].filter((kind) => kind === condition);
}

export const equipment: EquipmentItem[] = CONDITIONS.slice(0, -1).map((condition) => ({
  analyzer: { ...analyzer(`at-${condition}`) },
  condition,
  alarms: kindsIn(condition).map((kind) => alarm('a-cl2', null, null, kind)),
  kinds: kindsIn(condition),
  about: [],
  sign: condition,
  link: condition === 'comm-lost' ? 'offline' : condition === 'fault' ? 'degraded' : null,
  error: condition === 'comm-lost' ? silent : null,
  sinceMs: condition === 'no-data' ? NOW_MS - 61_000 : null,
  lives: condition === 'no-data' ? waitingLives : condition === 'stuck' ? answeredLives : [],
}));

/** Corrections of every kind, of gas and of equipment. */
export const corrections = (['added', 'removed'] as const).flatMap((change, i) =>
  (['raise', 'clear'] as const).map((edge, j) =>
    correction(2 * i + j, {
      change,
      edge,
      alarm: j === 0 ? alarm('a-cl2', 'red', 20) : alarm('b-cl2', null, null, 'stuck'),
    }),
  ),
);

const spool = { bytes: 2_040_109_465, bytes_max: 2_147_483_648, readings: 4_120_000 };
const cut = {
  connected: false,
  since: moment(NOW_MS - 754_000),
  last_frame_at: moment(NOW_MS - 784_000),
  last_error: 'nothing within 30 s; hint: look at the line between',
  last_error_zh: '30 秒内没有任何数据；请检查中间的线路',
};

/** Gateways in all states: well, catching up, cut in alarm, with a failing disk, never heard. */
export const mirrors: MirrorHealth[] = [
  mirror('hall'),
  mirror('new', { state: 'starting', written_at: null, chunks_behind: 4_800 }),
  mirror('slow', {
    oldest_waiting_ms: 7_260_000, batches_behind: 7_260, refused: 3, refused_kept: 3,
  }),
  mirror('province', {
    state: 'retrying', failures_in_a_row: 214, oldest_waiting_ms: 5_400_000, batches_behind: 5_400,
    written_at: moment(NOW_MS - 5_400_000), last_error: 'connection refused',
    note: { zh: '镜像 `province` 缺少 3 天的读数', en: 'mirror `province` missed 3 days of readings' },
    missed_days: 3,
  }),
  mirror('locked', {
    state: 'blocked', failures_in_a_row: 6, batches_behind: 60, oldest_waiting_ms: 60_000,
    last_error: 'HTTP 401: unauthorized',
  }),
];

export const edges: Edge[] = [
  edge('gw-1'),
  edge('gw-2', {
    batches_behind: 7_540, skew_ms: -8_200, spool: { ...spool, failing: null },
    gaps: 2, readings_lost: 61_200,
    gaps_newest: (['spool-full', 'thinned', 'disk-full', 'damaged'] as const).map((why, i) => ({
      seqs: { from: i, until: i + 1 }, readings: 30_600, why,
      from: moment(NOW_MS - 7_200_000), to: moment(NOW_MS - 3_600_000), told_at: moment(NOW_MS),
    })),
  }),
  edge('gw-3', {
    ...cut,
    batches_behind: 12,
    alarms: [{
      warning: 'tank-farm.chlorine.1', channel: 'a-cl2', rule: 'chlorine-red',
      since: moment(NOW_MS - 790_000),
    }],
  }),
  edge('gw-4', { spool: { ...spool, failing: 'No space left on device (os error 28)' } }),
  edge('gw-6', {
    siren: {
      wanted: true, sounds: false, since: moment(NOW_MS - 40_000),
      failing: 'the relay 10.0.0.9:502: timed out; hint: look at its power and its line',
      failing_zh: '无法控制报警器 10.0.0.9:502：超时；请检查其供电和线路',
    },
  }),
  edge('gw-7', {
    siren: { wanted: true, sounds: true, since: moment(NOW_MS - 40_000) },
  }),
  edge('gw-5', {
    connected: false, since: moment(NOW_MS - 60_000), last_frame_at: null, skew_ms: null,
    skew_error_ms: null, spool: null, refused: 7,
  }),
];

const shadow = { number: 2, groups: 9, groups_dropped: 0, events_dropped: 0, late: 0 };
const refused = {
  at: moment(NOW_MS), source: 'file-change', text: silent,
  report: '╭─[rules/chlorine.toml:4:12]',
};

/** Rules as they run: plain, refused, on trial, and with a trial that has stopped. */
export const rulesHealths: RulesHealth[] = [
  samplePark.health.rules,
  { ...samplePark.health.rules, refused },
  { ...samplePark.health.rules, shadow, restart_needed: ['areas.toml'] },
  { ...samplePark.health.rules, shadow: { ...shadow, failure: 'disk' }, differs_from_site: true },
];

/** The self-proof: held back in the ledger, never through, and missing on this page only. */
export const proofs: ProofShown[] = [
  { state: 'broken', ageMs: 190_000, stage: 'ledger' },
  { state: 'broken', ageMs: null, stage: 'collector' },
  { state: 'broken', ageMs: 152_000, stage: 'page' },
];

/** The station's certificate: none, good, about to run out, and a renewal that was refused. */
export const certificates: (CertificateHealth | null)[] = [
  null,
  { expires_at: moment(NOW_MS), standing: 'good' },
  {
    expires_at: moment(NOW_MS),
    standing: 'expires-soon',
    note: {
      zh: '监测站的证书还有 12 天到期；请更换证书文件，无需重启',
      en: 'the station\'s certificate expires in 12 days; hint: replace its files, no restart is '
        + 'needed',
    },
    refused: {
      at: moment(NOW_MS),
      text: {
        zh: '监测站的证书文件 `tls/server.key` 无法使用：私钥与证书不配对',
        en: 'the station\'s certificate file `tls/server.key` cannot be used: not the key of the '
          + 'first certificate; hint: take the key the certificate was asked for with',
      },
    },
  },
];

/** The cover in its states: never connected, lost, and reading everything anew. */
export const covers: Link[] = [
  { ...startLink(0), covered: true },
  { ...startLink(0), covered: true, asOfMs: NOW_MS - 12_000 },
  { ...startLink(0), covered: true, need: 'data', asOfMs: NOW_MS - 12_000 },
];
