// Cancelling a warning that was a mistake. The same keys as the Chinese words.
import type zh from './cancel.zh-CN';

const en: typeof zh = {
  cancel: {
    submit: 'Cancel the warning',
    meaning: 'For mistakes only, such as a calibration or a test. The warning ends, and everybody'
      + ' who was told of it is told that it was cancelled, and why. It stays on record.',
    twoPersons: 'It had the highest tier: this is a proposal only, until another person confirms it'
      + ' within 10 minutes.',
    reason: 'Why (sent to everybody who was told)',
    asked: 'to be cancelled as a mistake',
    proposalOf: '{by} wants to cancel this as a mistake: a second person must confirm'
      + ' ({left} left)',
    meaningConfirm: 'As the second person you cancel it at once, and everybody who was told of it'
      + ' is told. Look at the situation on site first.',
    meaningLift: 'The proposal is withdrawn; the warning stays as it is.',
  },
};

export default en;
