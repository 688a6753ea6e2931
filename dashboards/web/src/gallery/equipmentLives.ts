// Alarms about equipment for the gallery: two that wait, and the same after somebody answered.
import type { EquipmentAlarm } from '../api/contract';
import { moment, NOW_MS } from '../domain/samples';

function life(rule: string, channel: string): EquipmentAlarm {
  return {
    alarm: { rule, kind: 'no-data', channel, since: moment(NOW_MS - 61_000), unit: '' },
    state: 'active-unacknowledged', is_active: true, changed_at: moment(NOW_MS - 61_000),
  };
}

export const lives: EquipmentAlarm[] = [life('silent', 'a-cl2'), life('stuck', 'a-cl2')];

export const answeredLives: EquipmentAlarm[] = lives.map((one) => ({
  ...one, state: 'active-acknowledged', acknowledged_by: '王伟',
  acknowledged_at: moment(NOW_MS - 5_000), acknowledged_note: '已派仪表班',
}));
