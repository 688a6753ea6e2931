//! What late readings changed of what was told: begin, end and height, and what nobody was told of.
//!
//! Pure: the record of one gas in one area as it stood and as it stands, and the warnings there.
//! Must never say twice that one thing changed, and never pass over something that did.

use super::{Corrected, Course, Said};
use crate::{AreaId, GasId, Timestamp, WarningId};

/// The most changes that one look gives. Beyond it the last ones are told as one, from the first
/// begin to the last end.
pub const CHANGES_MAX: usize = 50;

/// One alarm with a tier, as the record has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Its begin, end and tier.
    pub course: Course,
    /// What is said of it.
    pub said: Said,
}

/// A warning of this gas in this area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its id.
    pub id: WarningId,
    /// Its begin.
    pub from: Timestamp,
    /// When its last alarm ended; none: one is active.
    pub to: Option<Timestamp>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Of which warning; of what nobody was warned of, an id made in the same way.
    pub warning: WarningId,
    /// What was and what is.
    pub corrected: Corrected,
    /// The highest alarm of what is, or of what was.
    pub said: Option<Said>,
}

/// What differs between `before` and `after`.
pub fn changes(
    (area, gas): (&AreaId, &GasId),
    told: &[Told],
    before: &[Stretch],
    after: &[Stretch],
) -> Vec<Change> {
    let mut found = Vec::new();
    for warning in told {
        let its = |one: &&Stretch| meet(one.course, warning.from, warning.to);
        let (was, is) = (whole(before.iter().filter(its)), whole(after.iter().filter(its)));
        found.extend(change(warning.id.clone(), was, is));
    }
    let untold = |one: &&Stretch| !told.iter().any(|w| meet(one.course, w.from, w.to));
    let was = episodes(before.iter().filter(untold));
    let mut gone: Vec<Option<Stretch>> = was.into_iter().map(Some).collect();
    let mut new = Vec::new();
    for is in episodes(after.iter().filter(untold)) {
        let meets = |was: &&mut Option<Stretch>| {
            was.as_ref().is_some_and(|was| meet(was.course, is.course.begin, is.course.end))
        };
        match gone.iter_mut().find(meets).and_then(Option::take) {
            Some(was) => {
                let id = WarningId::of(area, gas, was.course.begin);
                found.extend(change(id, Some(was), Some(is)));
            }
            None => new.push(is),
        }
    }
    for was in gone.into_iter().flatten() {
        found.extend(change(WarningId::of(area, gas, was.course.begin), Some(was), None));
    }
    let room = CHANGES_MAX.saturating_sub(found.len()).max(1);
    for is in joined(new, room) {
        found.extend(change(WarningId::of(area, gas, is.course.begin), None, Some(is)));
    }
    found
}

fn change(warning: WarningId, was: Option<Stretch>, is: Option<Stretch>) -> Option<Change> {
    let (before, after) = (was.as_ref().map(|one| one.course), is.as_ref().map(|one| one.course));
    let said = is.or(was).map(|one| one.said);
    let corrected = Corrected { before, after };
    (before != after).then_some(Change { warning, corrected, said })
}

/// Whether a course and a span have a moment in common; none as an end is for ever.
fn meet(course: Course, from: Timestamp, to: Option<Timestamp>) -> bool {
    to.is_none_or(|to| course.begin <= to) && course.end.is_none_or(|end| end >= from)
}

/// All of them as one: from the first begin to the last end, as the highest says.
fn whole<'a>(all: impl Iterator<Item = &'a Stretch>) -> Option<Stretch> {
    all.cloned().reduce(|one, other| {
        let (a, b) = (one.course, other.course);
        let course = Course {
            begin: a.begin.min(b.begin),
            end: a.end.zip(b.end).map(|(a, b)| a.max(b)),
            peak: a.peak.max(b.peak),
        };
        let said = if b.peak > a.peak { other.said } else { one.said };
        Stretch { course, said }
    })
}

/// What hangs together in time, in order.
fn episodes<'a>(all: impl Iterator<Item = &'a Stretch>) -> Vec<Stretch> {
    let mut sorted: Vec<&Stretch> = all.collect();
    sorted.sort_by_key(|one| one.course.begin);
    let mut found: Vec<Stretch> = Vec::new();
    for one in sorted {
        match found.pop() {
            Some(last) if meet(last.course, one.course.begin, one.course.end) => {
                found.extend(whole([&last, one].into_iter()));
            }
            last => {
                found.extend(last);
                found.push(one.clone());
            }
        }
    }
    found
}

/// At most `room` of them: the last ones as one.
fn joined(mut all: Vec<Stretch>, room: usize) -> Vec<Stretch> {
    if all.len() > room {
        let rest = all.split_off(room.saturating_sub(1));
        all.extend(whole(rest.iter()));
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{RuleId, Tier, Unit};

    fn at(s: i64) -> Timestamp {
        Timestamp::from_millis(s * 1000)
    }

    fn course(begin: i64, end: Option<i64>, peak: Tier) -> Course {
        Course { begin: at(begin), end: end.map(at), peak }
    }

    fn stretch(begin: i64, end: i64, peak: Tier) -> Stretch {
        let said = Said {
            rule: RuleId::new(peak.as_str()).unwrap(),
            channel: "at-1-cl2".to_owned(),
            value: None,
            limit: None,
            unit: Unit::Ppm,
            since: at(begin),
        };
        Stretch { course: course(begin, (end >= 0).then_some(end), peak), said }
    }

    fn found(told: &[Told], before: &[Stretch], after: &[Stretch]) -> Vec<Change> {
        let (area, gas) = (AreaId::new("yard").unwrap(), GasId::new("chlorine").unwrap());
        changes((&area, &gas), told, before, after)
    }

    type Expected<'a> = &'a [(&'a str, Option<Course>, Option<Course>)];

    fn check(told: &[Told], (before, after): (&[Stretch], &[Stretch]), expected: Expected<'_>) {
        let found = found(told, before, after);
        let shown: Vec<_> = found
            .iter()
            .map(|one| (one.warning.as_str(), one.corrected.before, one.corrected.after))
            .collect();
        assert_eq!(shown, expected);
    }

    const LATE: &str = "yard.chlorine.19700101T000100.000Z";
    use Tier::{Orange, Red, Yellow};

    fn warned(from: i64, to: Option<i64>) -> Vec<Told> {
        vec![Told { id: WarningId::from_text("w"), from: at(from), to: to.map(at) }]
    }

    #[test]
    fn a_warning_whose_begin_end_or_height_moved_is_corrected_once() {
        let told = warned(100, Some(200));
        let was = [stretch(100, 200, Yellow)];
        check(&told, (&was, &was), &[]);
        let begin = [stretch(95, 200, Yellow)];
        let old = Some(course(100, Some(200), Yellow));
        check(&told, (&was, &begin), &[("w", old, Some(course(95, Some(200), Yellow)))]);
        let height = [stretch(100, 200, Yellow), stretch(120, 130, Red)];
        check(&told, (&was, &height), &[("w", old, Some(course(100, Some(200), Red)))]);
        check(&told, (&was, &[]), &[("w", old, None)]);
        // A further alarm inside changes nothing of what was told.
        let inside = [stretch(100, 200, Yellow), stretch(150, 160, Yellow)];
        check(&told, (&was, &inside), &[]);
    }

    #[test]
    fn one_that_goes_on_has_no_end_before_or_after() {
        let told = warned(100, None);
        let (was, is) = ([stretch(100, -1, Yellow)], [stretch(90, -1, Yellow)]);
        let before = Some(course(100, None, Yellow));
        check(&told, (&was, &is), &[("w", before, Some(course(90, None, Yellow)))]);
    }

    #[test]
    fn what_nobody_was_told_of_is_one_change_and_keeps_its_id() {
        let three = [stretch(60, 80, Yellow), stretch(60, 75, Orange), stretch(70, 90, Red)];
        let late = course(60, Some(90), Red);
        check(&[], (&[], &three), &[(LATE, None, Some(late))]);
        check(&warned(100, None), (&[], &three), &[(LATE, None, Some(late))]);
        let more = [stretch(55, 90, Red)];
        check(&[], (&three, &more), &[(LATE, Some(late), Some(course(55, Some(90), Red)))]);
        check(&[], (&three, &[]), &[(LATE, Some(late), None)]);
        let two = [stretch(60, 70, Red), stretch(80, 90, Red)];
        let new = "yard.chlorine.19700101T000120.000Z";
        let (first, second) = (course(60, Some(70), Red), course(80, Some(90), Red));
        let split: Expected<'_> = &[(LATE, Some(late), Some(first)), (new, None, Some(second))];
        check(&[], (&three, &two), split);
        assert_eq!(found(&[], &[], &three)[0].said.as_ref().unwrap().rule.as_str(), "red");
    }

    #[test]
    fn more_than_the_most_are_told_as_one() {
        let count = i64::try_from(CHANGES_MAX).unwrap() + 7;
        let many: Vec<_> = (0..count).map(|n| stretch(n * 10, n * 10 + 5, Yellow)).collect();
        let found = found(&[], &[], &many);
        assert_eq!(found.len(), CHANGES_MAX);
        let last = found.last().unwrap().corrected.after.unwrap();
        assert_eq!(last.end, Some(at((count - 1) * 10 + 5)));
    }

    fn some_stretches() -> impl Strategy<Value = Vec<Stretch>> {
        let one = (0i64..300, 0i64..40, 0usize..3);
        let one = one
            .prop_map(|(from, long, tier)| stretch(from, from + long, [Yellow, Orange, Red][tier]));
        prop::collection::vec(one, 0..12)
    }

    proptest! {
        #[test]
        fn what_did_not_change_is_not_told_and_no_id_comes_twice(
            before in some_stretches(), after in some_stretches()
        ) {
            let told = warned(100, Some(150));
            prop_assert_eq!(found(&told, &before, &before), vec![]);
            let all = found(&told, &before, &after);
            let mut ids: Vec<_> = all.iter().map(|one| one.warning.as_str().to_owned()).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), all.len());
            for one in all {
                prop_assert!(one.corrected.before != one.corrected.after);
            }
        }
    }
}
