//! Bundled rule sets on sites that they do not fit in everything.

use std::num::NonZeroU32;

use siskin_config::load;
use siskin_model::Keep;

use super::broken::inputs_of;

#[test]
fn a_set_is_used_as_far_as_the_site_reaches_and_the_rest_is_noted() {
    let settings = load(&inputs_of("fitting", "rule-set-out-of-reach")).unwrap();
    let bound = |id: &str| {
        let rules = &settings.rules;
        let place = rules.rules.iter().position(|rule| rule.id.as_str() == id);
        place.is_some_and(|place| rules.bindings.iter().any(|b| b.rule == place))
    };
    assert!(bound("far-orange"), "what fits judges the channel");
    assert!(!bound("far-red"), "80 ppm cannot be seen by a device of 50 ppm");
    assert!(!bound("far-blue"), "the site has no blue");
    let notes: Vec<_> = settings.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(
        notes,
        [
            "no response card says what to do about `chlorine` in `tank-farm` at red",
            "rule `far-red` lies beyond the range of channel `at-1-cl2`, which ends at 50 ppm: \
             it is left out there",
            "rule `far-blue` is for blue, which this site does not use: it is left out",
        ]
    );
}

#[test]
fn history_shorter_than_the_law_asks_is_noted() {
    let settings = load(&inputs_of("fitting", "history-below-the-law")).unwrap();
    let history = settings.station.history;
    let days = |n| Keep::Days(NonZeroU32::new(n).unwrap());
    assert_eq!(
        (history.raw(), history.minute(), history.hour()),
        (days(29), days(29), Keep::ForEver)
    );
    let notes: Vec<_> = settings.notes.iter().map(|note| note.message.as_str()).collect();
    let expected = "readings are kept for 29 days; for a major hazard the law asks for 30";
    assert_eq!(notes.first(), Some(&expected));
}
