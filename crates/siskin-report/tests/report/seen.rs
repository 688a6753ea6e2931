//! What makes a draft another one for who signs it, and what does not.

use siskin_model::incident::{Act, Filling, ReportKind};
use siskin_report::{Report, fill};

use crate::park::{Park, Story, at, handled};

fn seen(report: &Report) -> String {
    serde_json::to_string(&report.seen()).unwrap()
}

fn draft(story: &Story) -> Report {
    fill(&Park::new().facts(story), ReportKind::First)
}

fn check(change: impl FnOnce(&mut Story), is_other: bool, what: &str) {
    let before = seen(&draft(&handled()));
    let mut story = handled();
    change(&mut story);
    assert_eq!(seen(&draft(&story)) != before, is_other, "{what}");
}

#[test]
fn what_people_say_and_do_makes_a_draft_another() {
    let value = |text: &str| Filling::Value(text.to_owned());
    check(|_| {}, false, "nothing");
    check(|story| story.fill(50, ReportKind::First, "cause", value("阀门")), true, "a cause");
    let again = value("约 15 kg（估算）");
    check(|story| story.fill(50, ReportKind::First, "quantity", again), true, "said anew");
    let trend = value("将继续下降");
    check(|story| story.fill(50, ReportKind::First, "trend", trend), true, "a trend in words");
    // Said for a later report: this one does not say it.
    check(|story| story.fill(50, ReportKind::Final, "cause", value("阀门")), false, "a final one");
    check(|story| story.act(50, Act::Note { text: "已到场".to_owned() }), true, "a note");
}

#[test]
fn readings_that_go_on_do_not() {
    let (mut park, story) = (Park::new(), handled());
    let before = fill(&park.facts(&story), ReportKind::First);
    park.tallies.truncate(2);
    let mut facts = park.facts(&story);
    facts.made_at = at(61);
    facts.wind = None;
    let after = fill(&facts, ReportKind::First);
    assert_eq!(seen(&before), seen(&after));
    assert!(before != after, "the readings changed nothing: the test shows nothing");
    // That there are none at all is seen.
    park.tallies.clear();
    let silent = fill(&park.facts(&story), ReportKind::First);
    assert!(seen(&before) != seen(&silent));
}

#[test]
fn a_warning_that_comes_or_another_version_does() {
    let (mut park, story) = (Park::new(), handled());
    let before = fill(&park.facts(&story), ReportKind::First);
    let mut later = before.clone();
    later.version += 1;
    assert!(seen(&before) != seen(&later));
    park.warnings[0].returned_at = Some(at(58));
    assert!(seen(&before) != seen(&fill(&park.facts(&story), ReportKind::First)));
}
