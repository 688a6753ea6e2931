//! Bundled rule sets on sites that they do not fit in everything.

use std::num::NonZeroU32;

use siskin_config::{Settings, SourceFile, load};
use siskin_model::Keep;
use siskin_model::incident::Grade;

use super::broken::inputs_of;

/// Notes on the files of the site, not on what is shipped.
fn own_notes(settings: &Settings) -> Vec<&str> {
    let own = settings.notes.iter().filter(|note| !note.file.ends_with("(shipped)"));
    own.map(|note| note.message.as_str()).collect()
}

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
    let notes = own_notes(&settings);
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
    let notes = own_notes(&settings);
    let expected = "readings are kept for 29 days; for a major hazard the law asks for 30";
    assert_eq!(notes.first(), Some(&expected));
}

#[test]
fn intervals_of_maintenance_are_for_the_channels_that_they_name() {
    let mut inputs = inputs_of("fitting", "history-below-the-law");
    assert_eq!(load(&inputs).unwrap().intervals, [], "none is shipped");
    let text = "[[interval]]\nkind = \"calibration\"\nevery_days = 90\nsource = \"SOP-12\"\n\
                [[interval]]\nkind = \"calibration\"\nevery_days = 30\nsource = \"SOP-12\"\n\
                gas = \"chlorine\"\n";
    let file = SourceFile { path: "maintenance.toml".to_owned(), text: text.to_owned() };
    inputs.site.push(file);
    let settings = load(&inputs).unwrap();
    let found: Vec<_> = settings.intervals.iter().map(|one| (one.every_days, &one.gas)).collect();
    let chlorine = siskin_model::GasId::new("chlorine").unwrap();
    assert_eq!(found, [(90, &None), (30, &Some(chlorine))]);
    let site = &settings.site;
    let is_for =
        |place: usize| site.channels.iter().all(|c| settings.intervals[place].is_for(site, c));
    assert!(is_for(0) && is_for(1));
}

#[test]
fn a_site_without_duties_of_its_own_has_the_shipped_ones_and_is_told_what_is_doubtful() {
    let settings = load(&inputs_of("fitting", "history-below-the-law")).unwrap();
    let reporting = &settings.incidents.reporting;
    assert!(settings.incidents.opens_by_itself);
    assert_eq!(reporting.id, "cn-order-17");
    let bureau = reporting.duties.iter().find(|duty| duty.id == "bureau").unwrap();
    let hours = |grade| {
        let found = bureau.deadlines.iter().find(|one| one.grade == grade);
        found.map(|one| one.within_ms / 3_600_000)
    };
    // Order 17, article 3: 4 h for grades III and IV, 2 h for I and II.
    assert_eq!(Grade::ALL.map(hours), [Some(4), Some(4), Some(2), Some(2)]);
    let note = settings.notes.iter().find(|note| note.file.ends_with("(shipped)")).unwrap();
    assert_eq!(
        note.message,
        "3 of 4 reporting duties and 3 criteria of grades were not read in their source"
    );
}

#[test]
fn a_site_may_have_duties_of_its_own() {
    let mut inputs = inputs_of("fitting", "history-below-the-law");
    let site = inputs.site.iter_mut().find(|file| file.path == "site.toml").unwrap();
    site.text.push_str("\n[incidents]\nopen_on = \"none\"\nreporting = \"reporting/park.toml\"\n");
    let text = "id = 'park'\nname = { zh = '园区', en = 'Park' }\ngrades_source = 'plan'\n";
    let path = "reporting/park.toml".to_owned();
    inputs.site.push(SourceFile { path, text: text.to_owned() });
    let settings = load(&inputs).unwrap_or_else(|report| panic!("{}", report.render()));
    assert!(!settings.incidents.opens_by_itself);
    assert_eq!(settings.incidents.reporting.id, "park");
    let is_of_reporting = |note: &siskin_config::Note| note.message.contains("reporting");
    assert!(!settings.notes.iter().any(is_of_reporting), "{:?}", settings.notes);
}
