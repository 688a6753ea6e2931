import { expect, it } from 'vitest';

import type {
  Delivery, DeliveryState, EquipmentAlarm, MessagesHealth, Recipient, Uplink,
} from '../api/contract';
import {
  onceEach, owedOf, recipientName, sortDeliveries, sortUplinks, troubleOf, wayOf,
} from './messages';
import { moment, NOW_MS } from './samples';

const HOUR_MS = 3_600_000;
const delivery = (
  number: number, state: DeliveryState, extra: Partial<Delivery> = {},
): Delivery => ({
  number, state, recipient: 'county', warning: 'w', transition: 1, kind: 'alert', way: 0,
  tries: 1, queued_at: moment(NOW_MS - 60_000), answer: '', ...extra,
});

it('a station that cannot look has trouble, and no number of it', () => {
  const health: MessagesHealth = { open: 3, failed: 0, unreceipted: 0, recipients: [] };
  expect(troubleOf(null)).toEqual({ count: null, isSome: false });
  expect(troubleOf(health)).toEqual({ count: 0, isSome: false });
  expect(troubleOf({ ...health, failed: 2, unreceipted: 1 })).toEqual({ count: 3, isSome: true });
  expect(troubleOf({ ...health, failure: 'disk' })).toEqual({ count: null, isSome: true });
});

it('what was not taken stands first, what is old and over last', () => {
  const all = [
    delivery(9, 'accepted'), delivery(8, 'queued'), delivery(7, 'sent'),
    delivery(6, 'failed', { ended_at: moment(NOW_MS - HOUR_MS) }),
    delivery(5, 'queued'),
    delivery(4, 'failed', { ended_at: moment(NOW_MS - 25 * HOUR_MS) }),
    delivery(3, 'read'), delivery(2, 'failed', { ended_at: moment(NOW_MS) }),
  ];
  expect(sortDeliveries(all, 2, NOW_MS).map((one) => [one.delivery.number, one.pressing])).toEqual([
    [2, 'failed'], [6, 'failed'], [5, 'late'], [7, 'late'], [8, 'open'],
    [9, 'done'], [4, 'done'], [3, 'done'],
  ]);
});

it('a delivery that is on several pages counts once, as told last', () => {
  const pages = [[delivery(1, 'queued')], [delivery(2, 'sent')], [delivery(1, 'accepted')]];
  expect(onceEach(pages).map((one) => [one.number, one.state]))
    .toEqual([[1, 'accepted'], [2, 'sent']]);
});

it('the way of a delivery names only what happened', () => {
  const [queued, sent, ended] = [moment(1), moment(2), moment(3)];
  const steps = (state: DeliveryState, extra: Partial<Delivery>) =>
    wayOf(delivery(1, state, { queued_at: queued, ...extra })).map(({ step }) => step);
  expect(steps('queued', {})).toEqual(['queued']);
  expect(steps('failed', { sent_at: sent, ended_at: ended })).toEqual(['queued', 'sent', 'failed']);
  expect(steps('superseded', { ended_at: ended })).toEqual(['queued', 'superseded']);
  expect(steps('read', { sent_at: sent, ended_at: ended, read_at: moment(4) }))
    .toEqual(['queued', 'sent', 'accepted', 'read']);
});

it('uplinks that are cut, stopped or noted stand first', () => {
  const uplink = (id: string, extra: Partial<Uplink>) =>
    ({ uplink: id, link: 'connected', notices: [], real_time_stopped: false, ...extra }) as Uplink;
  const text = { zh: 'x', en: 'x' };
  expect(sortUplinks([
    uplink('well', {}), uplink('cut', { link: 'waiting' }),
    uplink('noted', { notices: [text] }), uplink('stopped', { real_time_stopped: true }),
  ]).map((one) => one.uplink)).toEqual(['cut', 'noted', 'stopped', 'well']);
});

it('names a recipient, and says the id of one that has no name any more', () => {
  const one: Recipient = {
    id: 'county', name: { zh: '县局', en: 'County bureau' }, kind: 'bureau', tier_min: 'yellow',
    gases: [], areas: [], drills: false, ways: ['cap-push'], state: 'well',
  };
  expect(recipientName([one], 'county', 'zh')).toBe('县局');
  expect(recipientName([one], 'county', 'en')).toBe('County bureau');
  expect(recipientName([one], 'city', 'en')).toBe('city');
});

it('of alarms about equipment takes those about recipients, what was given up first', () => {
  const alarm = (rule: string, kind: string, channel: string): EquipmentAlarm => ({
    alarm: { rule, kind, channel, since: moment(NOW_MS), unit: '' },
    state: 'active-unacknowledged', is_active: true, changed_at: moment(NOW_MS),
  });
  const all = [
    alarm('no-data', 'no-data', 'at-1'), alarm('message-unreceipted', 'message', 'county'),
    alarm('message-failed', 'message', 'city'),
  ];
  expect(owedOf(all).map(({ rule, recipient }) => [rule, recipient])).toEqual([
    ['message-failed', 'city'], ['message-unreceipted', 'county'],
  ]);
});
