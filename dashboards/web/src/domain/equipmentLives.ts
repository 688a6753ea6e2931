// Alarms about equipment as people answer them: which still wait for somebody, and who answered
// last. Pure.
import type { EquipmentAlarm } from '../api/contract';

/** Which alarm: a rule on a channel, or on a recipient of messages. */
export interface EquipmentKey {
  rule: string;
  channel: string;
}

export const keyOf = ({ alarm }: EquipmentAlarm): EquipmentKey =>
  ({ rule: alarm.rule, channel: alarm.channel });

/** Whether nobody has said yet that they know of it. */
export const isWaiting = (one: EquipmentAlarm) => one.state.endsWith('-unacknowledged');

/** Those of `keys` that are not over, as they are now. */
export function livesOf(
  all: readonly EquipmentAlarm[], keys: readonly EquipmentKey[],
): EquipmentAlarm[] {
  return all.filter(({ alarm }) =>
    keys.some(({ rule, channel }) => rule === alarm.rule && channel === alarm.channel));
}

export interface Answer {
  by: string;
  at: string;
  note: string;
}

/** Who acknowledged last, of those that wait for nobody; null: nobody did. */
export function lastAnswer(all: readonly EquipmentAlarm[]): Answer | null {
  const answers = all.filter((one) => !isWaiting(one)).flatMap((one) =>
    (one.acknowledged_by == null || one.acknowledged_at == null ? [] : [{
      by: one.acknowledged_by, at: one.acknowledged_at, note: one.acknowledged_note ?? '',
    }]));
  return answers.sort((a, b) => b.at.localeCompare(a.at))[0] ?? null;
}
