// Messages, uplinks, reports, drills, figures. The same keys as the Chinese words.
import type zh from './reporting.zh-CN';

const en: typeof zh = {
  messages: {
    title: 'Messages',
    trouble: '{count} not taken',
    counts: 'Given up (24 h) {failed} · not accepted in time {late} · to be sent {open}',
    oldest: 'the oldest was written at {at}',
    failure: 'Messages cannot be looked at now and some may not have been taken; call by telephone:'
      + ' {detail}',
    signIn: 'Sign in to see recipients and receipts.',
    unreached: '{recipient} took nothing {count} times in a row; last accepted {at}. Call them.',
    none: 'No messages. Who is told stands in recipients.toml of the site.',
    noneOfWarning: 'Nobody outside was told of this warning.',
    ofWarning: 'Messages and receipts',
    cut: 'Only the newest {count} of each state are listed; ask the API for others.',
    detail: 'More',
    detailOf: 'More of message {number}',
    answer: 'Answer:',
    key: 'Key',
    mock: 'Exercise or test',
    tries: 'way {way}, tried {tries} times',
    byWay: 'way {way}',
    pressing: { failed: 'not taken: call them', late: 'not accepted in time: call them' },
    state: {
      queued: 'to be sent', sent: 'sent, no receipt', accepted: 'accepted', read: 'read',
      failed: 'failed', superseded: 'a newer one was sent instead',
    },
    step: {
      queued: 'written', sent: 'sent', accepted: 'accepted', failed: 'given up',
      superseded: 'superseded', read: 'read',
    },
    kind: { alert: 'alert', update: 'update', cancel: 'cancellation', 'all-clear': 'all-clear' },
    receipt: {
      try: 'sending', accept: 'accepted', retry: 'to be tried again', 'next-way': 'next way',
      'give-up': 'given up', supersede: 'superseded', read: 'read',
    },
  },
  uplinks: {
    title: 'HJ 212 uplinks',
    none: 'There is no uplink (uplinks.toml).',
    link: {
      idle: 'not in use', connecting: 'connecting', connected: 'connected',
      waiting: 'cut, waits to connect again',
    },
    since: 'since {at}',
    counts: 'accepted {accepted} · unanswered {unanswered} · given up {failed}',
    last: 'last accepted {at}',
    oldest: 'oldest unanswered {at}',
    stopped: 'The centre has stopped real-time data (2012)',
    error: 'Why it was cut last: {detail}',
    setByCentre: 'set by the centre: {what}',
  },
};

export default en;
