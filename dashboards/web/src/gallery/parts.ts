// States of what people are told outside the live values: messages, uplinks, holds, duties to
// report, figures, response cards.
import type {
  Card, Delivery, DeliveryState, Hold, IncidentClock, KpiFigure, Person, ShelfLimit, Uplink,
} from '../api/contract';
import type { DeliveryShown, Pressing } from '../domain/messages';
import { moment, NOW_MS } from '../domain/samples';
import { TIERS } from '../domain/tiers';

const MINUTE_MS = 60_000;

function delivery(number: number, state: DeliveryState, pressing: Pressing): DeliveryShown {
  const one: Delivery = {
    number, state, recipient: '某某县应急管理局值班室', warning: 'tank-farm.chlorine.1', transition: 2,
    kind: 'update', way: 0, tries: 3, queued_at: moment(NOW_MS - 5 * MINUTE_MS),
    answer: state === 'failed' ? 'HTTP 503: maintenance window until 04:00' : '',
  };
  return { delivery: one, pressing };
}

export const deliveries: DeliveryShown[] = [
  delivery(1, 'failed', 'failed'), delivery(2, 'sent', 'late'), delivery(3, 'queued', 'open'),
  delivery(4, 'accepted', 'done'), delivery(5, 'read', 'done'), delivery(6, 'superseded', 'done'),
];

const HOLDS = ['proposal', 'cancellation', 'shelf', 'out-of-service'] as const;

export const holds: Hold[] = HOLDS.map((kind) => ({
  id: kind, kind, subject: kind === 'out-of-service' ? 'a-cl2' : 'red-active-unacknowledged',
  by: '王伟', reason: '标定气体，现场两人', begun_at: moment(NOW_MS - MINUTE_MS),
  until: moment(NOW_MS + 9 * MINUTE_MS), until_ms: NOW_MS + 9 * MINUTE_MS, left_ms: 9 * MINUTE_MS,
  shelf_minutes: 30, tier: 'red',
  work_order: kind === 'out-of-service' ? 'WO-2026-1129' : null,
  owner: kind === 'out-of-service' ? '李敏' : null,
}));

const CLOCKS = ['overdue', 'close', 'running', 'waiting', 'met-late', 'met'] as const;
const DUE_MS = { overdue: -4, close: 6, running: 90, waiting: 0, 'met-late': 0, met: 0 };

export const clocks: IncidentClock[] = CLOCKS.map((state, i) => ({
  duty: state, state, provisional: i % 2 === 0, rings: [], source: '环境保护部令第17号 · Order 17',
  verified: i % 2 === 1,
  name: { zh: '事故单位向县级报告', en: 'Plant reports to the county' },
  who: { zh: '带班领导', en: 'leader on duty' },
  to: { zh: '县应急管理局和县生态环境局', en: 'county emergency and environment bureaus' },
  due: state === 'waiting' ? null : moment(NOW_MS + DUE_MS[state] * MINUTE_MS),
  met: state.startsWith('met') ? {
    at: moment(NOW_MS), by: '王伟', recorded_at: moment(NOW_MS), reference: '2026-117',
  } : null,
}));

const STANDINGS = ['missed', 'manageable', 'met', 'no-data', 'no-target'] as const;

export const figures: KpiFigure[] = STANDINGS.map((standing, i) => ({
  measure: standing, standing, unit: 'percent', value: standing === 'no-data' ? null : 3.5 * i,
  name: { zh: '10 分钟超过 10 次呼叫的时段', en: 'Periods of 10 min with more than 10 calls' },
}));

export const card: Card = {
  gas: 'chlorine', is_template: true,
  actions: [
    { zh: '确认预警，通知带班领导', en: 'Acknowledge, and tell the leader on duty' },
    { zh: '下风向人员向侧风方向撤离', en: 'Send everybody downwind away, across the wind' },
  ],
  contacts: [
    { id: 'wang', name: '王伟', phones: ['13800000001', '0571-8000-0000'] },
    { id: 'nobody', name: null, phones: [] },
  ],
  cause: { zh: '阀门或管线可能泄漏', en: 'A valve or a line may leak' },
  consequence: { zh: '下风向人员会中毒', en: 'People downwind are harmed' },
  plan: { zh: '预案第 3.2 节', en: 'Plan, section 3.2' },
};

export const limits: ShelfLimit[] = TIERS.map((tier) => ({
  tier, minutes_max: 60, two_persons: tier === 'red',
}));

export const person: Person = {
  name: 'wang', display: '王伟', role: 'operator', areas: ['tank-farm'], disabled: false,
  made_at: moment(NOW_MS), sessions: 1,
};

const LINKS = ['connected', 'connecting', 'waiting', 'idle'] as const;

export const uplinks: Uplink[] = LINKS.map((link, i) => ({
  uplink: link, link, name: { zh: '县生态环境局', en: 'County environment bureau' },
  address: '192.0.2.10:7777', version: '2017', mn: '330100CHEM0001', since: moment(NOW_MS),
  accepted: 12_345, unanswered: 7 * i, failed: i, last_accepted_at: moment(NOW_MS - MINUTE_MS),
  oldest_unanswered_at: i > 0 ? moment(NOW_MS - 9 * MINUTE_MS) : null,
  real_time_stopped: i === 1, set_by_centre: i === 2 ? ['RtdInterval=30'] : [],
  notices: i === 2 ? [{ zh: '补传落后 3 小时', en: 'catching up is 3 h behind' }] : [],
  last_error: i === 2 ? { zh: '对方无应答；请检查线路', en: 'no answer; hint: check the line' } : null,
}) as Uplink);
