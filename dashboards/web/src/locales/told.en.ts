// English: who did not take what they were told, and alarms about equipment as people answer them.
// The same keys as the Chinese words.
import type zh from './told.zh-CN';

const en: typeof zh = {
  owed: {
    'message-unreceipted': 'message not accepted in time: call them',
    'message-failed': 'message not delivered: call them',
    open: 'not acknowledged',
    acknowledged: 'acknowledged by {by} at {at}',
    ack: 'Acknowledge',
    taken: 'a later message was accepted',
    messagesOf: 'Messages to {name}',
    title: 'Acknowledge alarm about equipment',
    meaning: 'Acknowledging says that you know, and that you call them or see to the repair. It'
      + ' does not end the watching. What could not be delivered is no alarm any more after it.',
    count: '{count} alarms wait for it',
    first: '{by} was first and acknowledged it at {at}. What you wrote was not sent.',
    gone: 'This alarm is over: somebody acknowledged it, or all is well again. What you wrote was'
      + ' not sent.',
  },
  messagesTo: {
    one: 'Only messages to {name}',
    all: 'Show all',
  },
};

export default en;
