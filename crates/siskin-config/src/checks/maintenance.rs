//! How often work is done on devices: an interval that is for no channel would be one that people
//! rely on and nobody counts.

use siskin_model::Site;
use siskin_model::due::{EVERY_DAYS_MAX, Interval};

use crate::problems::{Draft, Problems};
use crate::written::maintenance::WrittenInterval;

/// Checks the intervals against the site and makes them.
pub(super) fn intervals(
    written: &[WrittenInterval],
    site: &Site,
    problems: &mut Problems,
) -> Vec<Interval> {
    let mut made: Vec<(Interval, &WrittenInterval)> = Vec::new();
    for one in written {
        let interval = Interval {
            kind: one.kind,
            every_days: one.every_days.value,
            source: one.source.clone(),
            gas: one.gas.clone(),
            profile: one.profile.clone(),
        };
        let same = |(other, _): &&(Interval, &WrittenInterval)| {
            (other.kind, &other.gas, &other.profile)
                == (interval.kind, &interval.gas, &interval.profile)
        };
        if let Some((_, first)) = made.iter().find(same) {
            let message = format!("two intervals of `{}` are for the same", one.kind.as_str());
            let draft = Draft::new(message, "make one of them");
            problems.add(draft.at(one.place, "again here").at(first.place, "first here"));
        }
        fits(one, &interval, site, problems);
        made.push((interval, one));
    }
    made.into_iter().map(|(interval, _)| interval).collect()
}

fn fits(written: &WrittenInterval, interval: &Interval, site: &Site, problems: &mut Problems) {
    let days = written.every_days;
    if !(1..=EVERY_DAYS_MAX).contains(&days.value) {
        let message =
            format!("`every_days` must be 1 to {EVERY_DAYS_MAX} days, found {}", days.value);
        let draft = Draft::new(message, "write what the source says");
        problems.add(draft.at(days.place, "out of range"));
    }
    if !site.channels.iter().any(|channel| interval.is_for(site, channel)) {
        let message = format!("this interval of `{}` is for no channel", interval.kind.as_str());
        let hint = "name a gas that is measured here, or a profile of analyzers.toml";
        problems.add(Draft::new(message, hint).at(written.place, "for nothing"));
    }
}
