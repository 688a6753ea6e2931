// Taking the next step of the ladder before its time. The same keys as the Chinese words.
import type zh from './escalate.zh-CN';

const en: typeof zh = {
  escalate: {
    submit: 'Call the {to} now',
    meaning: 'The next on the ladder is called at once, and everybody is told as when its time'
      + ' comes. The steps after it keep their times. The warning must still be acknowledged.',
    next: 'To be called: {to} (due {at})',
    told: 'Called already: {to}',
    none: 'Nobody is left on the ladder. Call by telephone, by the emergency plan.',
    movedBy: 'While you were writing {by} passed it on to: {to}. Decide again whether to go'
      + ' further.',
    movedByTime: 'While you were writing its time came and it was passed on to: {to}. Decide again'
      + ' whether to go further.',
    movedAnew: 'While you were writing it was announced anew and its ladder began again. Decide'
      + ' again whether to escalate.',
    change: 'Escalated at once by a person',
    asked: '{by} had it escalated at once',
  },
};

export default en;
