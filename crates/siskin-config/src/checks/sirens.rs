//! Sirens: their feedback proves something, and the way that sounds them is the way that ends it.

use std::ops::RangeInclusive;

use siskin_model::notify::{Feedback, Siren, Way};

use crate::problems::{Draft, Problems};
use crate::written::recipients::{WrittenRecipient, WrittenWay};

/// How long the feedback may take, in milliseconds.
const WITHIN_MS: RangeInclusive<u64> = 100..=20_000;

pub(super) fn check(siren: &Siren, way: &WrittenWay, problems: &mut Problems) {
    if siren.feedback == Feedback::Coil(siren.coil) {
        let message = "the feedback is the coil that switches the siren: it proves nothing";
        let draft = Draft::new(message, "name the input of a contact or a sensor at the siren");
        problems.add(draft.at(way.place, "this way"));
    }
    if !WITHIN_MS.contains(&siren.within_ms) {
        let message = "`feedback_within_s` must be from 0.1 to 20 s";
        let draft = Draft::new(message, "a relay and a contactor take less than 3");
        problems.add(draft.at(way.place, "this way"));
    }
}

/// What ends a sound takes the first way: a siren behind another would never be switched off.
pub(super) fn first(one: &WrittenRecipient, problems: &mut Problems) {
    if let [only] = one.ways.as_slice()
        && matches!(only.way, Way::Siren(_))
    {
        let message = format!("nothing stands behind the siren of `{}`", one.id.value.0);
        let hint = "add a way that tells somebody where the siren does not sound";
        problems.note(Draft::new(message, hint).at(only.place, ""));
    }
    for written in one.ways.iter().skip(1) {
        if matches!(written.way, Way::Siren(_)) {
            let message = "a siren must be the first way of its recipient";
            let hint = "its all-clear would be taken by the way before it; make a recipient of its \
                        own, with other ways behind the siren";
            problems.add(Draft::new(message, hint).at(written.place, "not the first"));
        }
    }
}
