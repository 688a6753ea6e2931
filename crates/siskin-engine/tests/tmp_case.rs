//! The same readings in other orders of arrival, in other groups and with restarts in between give
//! what they give in order, for rules of every kind.

#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "/tmp/arrivals_tmp.rs"]
mod arrivals;
#[path = "support/random_rules.rs"]
mod random_rules;
mod support;

use std::collections::BTreeSet;

use arrivals::{
    Fate, Row, Transition, WINDOW_MS, arriving, channels, in_order, late, rehearse, sorted,
    transitions, within_the_window,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use random_rules::{channel_rules, linked_rules, on_all};
use siskin_engine::{Outcome, Rehearsal, Rule, RuleSet};
use siskin_model::{AlarmEvent, Correction, CorrectionChange, Edge, Reading, Site, Timestamp};
use support::{site, site_reordering};

/// What was over this long before it could be told is long past.
const LONG_PAST_MS: i64 = 60_000;

/// A few channels, their rules and how their rows come.
#[derive(Debug, Clone)]
struct Case {
    channels: Vec<Vec<Row>>,
    rules: Vec<Rule>,
    fates: Vec<Fate>,
    /// Groups of so many readings.
    group: usize,
    /// Places at which the process is killed and started again.
    cuts: Vec<Index>,
}

fn case(
    rules: impl Strategy<Value = Vec<Rule>>,
    fates: impl Strategy<Value = Vec<Fate>>,
) -> impl Strategy<Value = Case> {
    let group = prop::sample::select(vec![1, 7, 64, 256, usize::MAX]);
    let cuts = prop::collection::vec(any::<Index>(), 1..20);
    (channels(), rules, fates, group, cuts).prop_map(|(channels, rules, fates, group, cuts)| Case {
        channels,
        rules,
        fates,
        group,
        cuts,
    })
}

impl Case {
    fn made(&self) -> (Site, RuleSet, Vec<Reading>) {
        let count = self.channels.len();
        let site = site_reordering(u32::try_from(count).unwrap(), WINDOW_MS);
        (site, on_all(self.rules.clone(), count), arriving(&self.channels, &self.fates))
    }
}

/// Cases of each property, where `PROPTEST_CASES` (as in `make soak`) does not say more.
const CASES: u32 = 64;

/// Enough time to make a failing case small, and no more.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    let is_told = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if is_told { usual.cases } else { CASES };
    ProptestConfig { cases, max_shrink_time: 30_000, ..usual }
}

/// What the readings say in order, all at once, where nothing waits for others.
fn ordered(case: &Case) -> Vec<AlarmEvent> {
    let count = case.channels.len();
    let (site, rules) = (site(u32::try_from(count).unwrap()), on_all(case.rules.clone(), count));
    sorted(rehearse(&site, &rules, &in_order(&case.channels), usize::MAX).alarms)
}

/// As `rehearse`, with restarts after the groups in which the cuts lie.
fn with_restarts(
    (site, rules): (&Site, &RuleSet),
    readings: &[Reading],
    group: usize,
    cuts: &[Index],
) -> Outcome {
    let cuts: BTreeSet<_> = cuts.iter().map(|cut| cut.index(readings.len())).collect();
    let mut rehearsal = Rehearsal::new(site, rules).unwrap();
    let mut done = 0;
    for readings in readings.chunks(group) {
        rehearsal.arrive(readings);
        let places = done..done + readings.len();
        done = places.end;
        if cuts.range(places).next().is_some() {
            rehearsal = rehearsal.restarted(site, rules).unwrap();
        }
    }
    rehearsal.finish()
}

/// What was told more often than it came: once, and once more after each time that a correction
/// took it back.
fn told_again(outcome: &Outcome) -> Vec<Transition> {
    let told = transitions(&outcome.announced);
    let is_removal = |c: &&Correction| c.change == CorrectionChange::Removed;
    let removed = outcome.corrections.iter().filter(is_removal).map(|c| c.event.clone());
    let removed = transitions(&removed.collect::<Vec<_>>());
    let count = |all: &[Transition], one: &Transition| all.iter().filter(|t| *t == one).count();
    told.iter().filter(|one| count(&told, one) > 1 + count(&removed, one)).cloned().collect()
}

/// Begins that were told although they were long over when they were told: the newest moment then
/// known, and the begin.
fn told_too_late(
    (site, rules): (&Site, &RuleSet),
    readings: &[Reading],
    group: usize,
) -> Vec<(Timestamp, AlarmEvent)> {
    let mut rehearsal = Rehearsal::new(site, rules).unwrap();
    let mut found = Vec::new();
    let (mut done, mut told) = (0, 0);
    let mut now = Timestamp::from_millis(i64::MIN);
    for readings_now in readings.chunks(group) {
        // What could have been told long before this group came.
        let before = now.plus_ms(-i64::from(WINDOW_MS) - LONG_PAST_MS);
        rehearsal.arrive(readings_now);
        done += readings_now.len();
        now = readings_now[readings_now.len() - 1].received_at;
        let new = &rehearsal.announced()[told..];
        told += new.len();
        let begins: Vec<_> = new.iter().filter(|event| event.edge == Edge::Raise).collect();
        if begins.is_empty() {
            continue;
        }
        let so_far = &readings[..done];
        let long_past =
            |event: &&AlarmEvent| event.at < before && is_over(event, site, rules, so_far);
        found.extend(begins.into_iter().filter(long_past).map(|event| (now, event.clone())));
    }
    found
}

/// Whether the alarm is known to be over, as far as its channel has been judged.
fn is_over(begin: &AlarmEvent, site: &Site, rules: &RuleSet, so_far: &[Reading]) -> bool {
    let mut readings = so_far.to_vec();
    readings.sort_by_key(|reading| (reading.measured_at, reading.channel));
    let of_channel = |r: &&Reading| begin.alarm.channel.as_str() == r.channel.0.to_string();
    let newest = readings.iter().filter(of_channel).map(|r| r.measured_at).max().unwrap();
    let known = rehearse(site, rules, &readings, usize::MAX).alarms;
    known.iter().any(|event| {
        let (now, then) = (&event.alarm, &begin.alarm);
        let is_same = (&now.channel, &now.rule, now.since) == (&then.channel, &then.rule, begin.at);
        let is_past = event.at < newest.plus_ms(-i64::from(WINDOW_MS) - LONG_PAST_MS);
        is_same && event.edge == Edge::Clear && is_past
    })
}

fn out_of_order_within_the_window(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let outcome = rehearse(&site, &rules, &readings, case.group);
    prop_assert_eq!(sorted(outcome.alarms), ordered(case));
    prop_assert_eq!(outcome.corrections, vec![]);
    prop_assert_eq!(outcome.counters.late, 0);
    Ok(())
}

fn groups_do_not_matter(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let one = rehearse(&site, &rules, &readings, case.group);
    let other = rehearse(&site, &rules, &readings, 1);
    prop_assert_eq!(one.alarms, other.alarms);
    prop_assert_eq!(sorted(one.announced), sorted(other.announced));
    prop_assert_eq!(one.counters, other.counters);
    Ok(())
}

fn late_rows_end_in_the_same_record(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let outcome = rehearse(&site, &rules, &readings, case.group);
    let wanted = ordered(case);
    prop_assert_eq!(transitions(&outcome.alarms), transitions(&wanted));
    prop_assert_eq!(told_again(&outcome), vec![]);
    Ok(())
}

fn nothing_long_past_is_raised(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    prop_assert_eq!(told_too_late((&site, &rules), &readings, case.group.min(64)), vec![]);
    Ok(())
}

fn restarts_change_nothing(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let outcome = with_restarts((&site, &rules), &readings, case.group, &case.cuts);
    prop_assert_eq!(told_again(&outcome), vec![]);
    prop_assert_eq!(outcome.corrections, vec![]);
    prop_assert_eq!(sorted(outcome.alarms), ordered(case));
    Ok(())
}

fn restarts_among_late_rows_change_nothing(case: &Case) -> TestCaseResult {
    let (site, rules, readings) = case.made();
    let outcome = with_restarts((&site, &rules), &readings, case.group, &case.cuts);
    let wanted = ordered(case);
    prop_assert_eq!(transitions(&outcome.alarms), transitions(&wanted));
    prop_assert_eq!(told_again(&outcome), vec![]);
    Ok(())
}

use siskin_model::Quality; use siskin_engine::RuleKind; use siskin_engine::rule::Expr; use siskin_model::{Tier,RuleId};
fn row(a:i64,c:i32,quality:Quality)->Row{Row{at_ms:1767225000000+a,cents:c,quality}}
fn channels_x() -> Vec<Vec<Row>> { vec![
vec![ row(1767225600900,0,Quality::Good),row(1767225601900,7,Quality::Good),row(1767225603000,14,Quality::Good),row(1767225603900,21,Quality::Good),row(1767225604900,5,Quality::Good),row(1767225606000,12,Quality::Good),row(1767225606900,19,Quality::Good),row(1767225607900,3,Quality::Good),row(1767225609000,10,Quality::Good),row(1767225609900,17,Quality::Good),row(1767225610900,1,Quality::Good),row(1767225612000,8,Quality::Good),row(1767225612900,15,Quality::Good),row(1767225613900,22,Quality::Good),row(1767225615000,6,Quality::Good),row(1767225615900,13,Quality::Good),row(1767225616900,20,Quality::Good),row(1767225618000,4,Quality::Good),row(1767225618900,11,Quality::Good),row(1767225619900,18,Quality::Good),row(1767225621000,2,Quality::Good),row(1767225621900,9,Quality::Good),row(1767225622900,16,Quality::Good),row(1767225624000,0,Quality::Good),row(1767225624900,7,Quality::Good),row(1767225625900,14,Quality::Good),row(1767225627000,21,Quality::Good),row(1767225627900,0,Quality::Good),row(1767225628900,7,Quality::Good),row(1767225630000,14,Quality::Good),row(1767225630900,21,Quality::Good),row(1767225631900,5,Quality::Good),row(1767225633000,12,Quality::Good),row(1767225633900,19,Quality::Good),row(1767225634900,3,Quality::Good),row(1767225636000,10,Quality::Good),row(1767225636900,17,Quality::Good),row(1767225637900,1,Quality::Good),row(1767225639000,8,Quality::Good),row(1767225639900,15,Quality::Good),row(1767225640900,22,Quality::Good),row(1767225642000,6,Quality::Good),row(1767225642900,13,Quality::Good),row(1767225643900,20,Quality::Good),row(1767225645000,4,Quality::Good),row(1767225645900,11,Quality::Good),row(1767225646900,18,Quality::Good),row(1767225648000,2,Quality::Good),row(1767225648900,9,Quality::Good),row(1767225649900,16,Quality::Good),row(1767225651000,0,Quality::Good),row(1767225651900,7,Quality::Good),row(1767225652900,14,Quality::Good),row(1767225654000,21,Quality::Good),row(1767225654900,5,Quality::Good),row(1767225655900,12,Quality::Good),row(1767225657000,19,Quality::Good),row(1767225657900,3,Quality::Good),row(1767225658900,10,Quality::Good),row(1767225660000,17,Quality::Good),row(1767225660900,1,Quality::Good),row(1767225661900,8,Quality::Good),row(1767225663000,15,Quality::Good),row(1767225663900,22,Quality::Good),row(1767225664900,6,Quality::Good),row(1767225665800,0,Quality::Good),row(1767225666800,7,Quality::Good),row(1767225667900,14,Quality::Good),row(1767225668800,21,Quality::Good),row(1767225669800,5,Quality::Good),row(1767225670900,12,Quality::Good),row(1767225671800,19,Quality::Good),row(1767225672800,3,Quality::Good),row(1767225673900,10,Quality::Good),row(1767225674800,17,Quality::Good),row(1767225675800,1,Quality::Good),row(1767225676900,8,Quality::Good),row(1767225677800,15,Quality::Good),row(1767225678800,22,Quality::Good),row(1767225679900,6,Quality::Good),row(1767225680800,13,Quality::Good),row(1767225681800,20,Quality::Good),row(1767225682900,4,Quality::Good),row(1767225683800,11,Quality::Good),row(1767225684800,18,Quality::Good),row(1767225685900,2,Quality::Good),row(1767225686800,9,Quality::Good),row(1767225687800,16,Quality::Good),row(1767225688900,0,Quality::Good),row(1767225689800,7,Quality::Good),row(1767225690800,14,Quality::Good),row(1767225691900,21,Quality::Good),row(1767225692800,5,Quality::Good),row(1767225693800,12,Quality::Good),row(1767225694900,19,Quality::Good),row(1767225695800,3,Quality::Good),row(1767225696800,10,Quality::Good),row(1767225697900,17,Quality::Good),row(1767225698800,1,Quality::Good),row(1767225699800,8,Quality::Good),row(1767225700900,15,Quality::Good),row(1767225701800,22,Quality::Good),row(1767225702800,6,Quality::Good),row(1767225703900,13,Quality::Good),row(1767225704800,20,Quality::Good),row(1767225705800,4,Quality::Good),row(1767225706900,11,Quality::Good),row(1767225707800,18,Quality::Good),row(1767225708800,2,Quality::Good),row(1767225709900,9,Quality::Good),row(1767225710800,16,Quality::Good),row(1767225711800,0,Quality::Good),row(1767225712900,7,Quality::Good),row(1767225713800,14,Quality::Good),row(1767225714800,21,Quality::Good),row(1767225715900,5,Quality::Good),row(1767225716800,0,Quality::Good),row(1767225717800,7,Quality::Good),row(1767225718900,14,Quality::Good),row(1767225719800,21,Quality::Good),row(1767225720800,5,Quality::Good),row(1767225721900,12,Quality::Good),row(1767225722800,19,Quality::Good),row(1767225723800,3,Quality::Good),row(1767225724900,10,Quality::Good),row(1767225725800,17,Quality::Good),row(1767225726800,1,Quality::Good),row(1767225727900,8,Quality::Good),row(1767225728800,15,Quality::Good),row(1767225729800,22,Quality::Good),row(1767225730900,6,Quality::Good),row(1767225731800,13,Quality::Good),row(1767225732800,20,Quality::Good),row(1767225733900,4,Quality::Good),row(1767225734800,11,Quality::Good),row(1767225735800,18,Quality::Good),row(1767225736900,2,Quality::Good),row(1767225737800,9,Quality::Good),row(1767225738800,16,Quality::Good),row(1767225739900,0,Quality::Good),row(1767225740800,7,Quality::Good),row(1767225741800,14,Quality::Good),row(1767225742900,21,Quality::Good),row(1767225743800,5,Quality::Good),row(1767225744800,12,Quality::Good),row(1767225745900,19,Quality::Good),row(1767225746800,3,Quality::Good),row(1767225747800,10,Quality::Good),row(1767225748900,17,Quality::Good),row(1767225749800,1,Quality::Good),row(1767225750800,8,Quality::Good),row(1767225751900,15,Quality::Good),row(1767225752800,22,Quality::Good),row(1767225753800,6,Quality::Good),row(1767225754900,13,Quality::Good),row(1767225755800,20,Quality::Good),row(1767225756800,4,Quality::Good),row(1767225757900,11,Quality::Good),row(1767225758800,18,Quality::Good),row(1767225759800,2,Quality::Good),row(1767225760900,9,Quality::Good),row(1767225761800,16,Quality::Good),row(1767225762800,0,Quality::Good),row(1767225763900,7,Quality::Good),row(1767225764800,14,Quality::Good),row(1767225765800,21,Quality::Good),row(1767225766900,5,Quality::Good),row(1767225767800,12,Quality::Good),row(1767225768800,19,Quality::Good),row(1767225769900,3,Quality::Good),row(1767225770800,10,Quality::Good),row(1767225771800,17,Quality::Good),row(1767225772900,1,Quality::Good),row(1767225773800,8,Quality::Good),row(1767225774700,0,Quality::Good),row(1767225775700,7,Quality::Good),row(1767225776800,14,Quality::Good),row(1767225777700,21,Quality::Good),row(1767225778700,5,Quality::Good),row(1767225779800,12,Quality::Good),row(1767225780700,19,Quality::Good),row(1767225781700,3,Quality::Good),row(1767225782800,10,Quality::Good),row(1767225783700,17,Quality::Good),row(1767225784700,1,Quality::Good),row(1767225785800,8,Quality::Good),row(1767225786700,15,Quality::Good),row(1767225787700,22,Quality::Good),row(1767225788800,6,Quality::Good),row(1767225789700,13,Quality::Good),row(1767225790700,20,Quality::Good),row(1767225791800,4,Quality::Good),row(1767225792700,11,Quality::Good),row(1767225793700,18,Quality::Good),row(1767225794800,2,Quality::Good),row(1767225795700,9,Quality::Good),row(1767225796700,16,Quality::Good),row(1767225797800,0,Quality::Good),row(1767225798700,7,Quality::Good),row(1767225799700,14,Quality::Good),row(1767225800800,21,Quality::Good),row(1767225801700,5,Quality::Good),row(1767225802700,12,Quality::Good),row(1767225803800,19,Quality::Good),row(1767225804700,3,Quality::Good),row(1767225805700,10,Quality::Good),row(1767225806800,17,Quality::Good),row(1767225807700,1,Quality::Good),row(1767225808700,8,Quality::Good),row(1767225809800,15,Quality::Good),row(1767225810700,22,Quality::Good),row(1767225811700,6,Quality::Good),row(1767225812800,13,Quality::Good),row(1767225813700,20,Quality::Good),row(1767225814700,4,Quality::Good),row(1767225815800,11,Quality::Good),row(1767225816700,18,Quality::Good),row(1767225817700,2,Quality::Good),row(1767225818800,9,Quality::Good),row(1767225819700,16,Quality::Good),row(1767225820700,0,Quality::Good),row(1767225821800,7,Quality::Good),row(1767225822700,14,Quality::Good) ],
vec![ row(1767225600900,0,Quality::Good),row(1767225601900,7,Quality::Good),row(1767225603000,14,Quality::Good),row(1767225603900,21,Quality::Good),row(1767225604900,5,Quality::Good),row(1767225606000,12,Quality::Good),row(1767225606900,19,Quality::Good),row(1767225607900,3,Quality::Good),row(1767225609000,10,Quality::Good),row(1767225609900,17,Quality::Good),row(1767225610900,1,Quality::Good),row(1767225612000,8,Quality::Good),row(1767225612900,15,Quality::Good),row(1767225613800,1063,Quality::Good),row(1767225614800,1101,Quality::Good),row(1767225615900,1139,Quality::Good),row(1767225616800,1177,Quality::Good),row(1767225617800,1192,Quality::Good),row(1767225618900,1230,Quality::Good),row(1767225619800,1268,Quality::Good),row(1767225620800,1283,Quality::Good),row(1767225621900,1321,Quality::Good),row(1767225622800,1359,Quality::Good),row(1767225623800,1374,Quality::Good),row(1767225624900,1412,Quality::Good),row(1767225625800,1450,Quality::Good),row(1767225626800,1488,Quality::Good),row(1767225627900,1503,Quality::Good),row(1767225628800,1541,Quality::Good),row(1767225629800,1579,Quality::Good),row(1767225630900,1594,Quality::Good),row(1767225631800,1632,Quality::Good),row(1767225632800,1670,Quality::Good),row(1767225633900,1685,Quality::Good),row(1767225634800,1723,Quality::Good),row(1767225635800,1761,Quality::Good),row(1767225636900,1776,Quality::Good),row(1767225637800,1814,Quality::Good),row(1767225638800,1852,Quality::Good),row(1767225639900,1890,Quality::Good) ],
]}
// rules: [ Rule { id: "r0", name: Text { zh: "r0", en: "r0", }, kind: WindowMean { window_ms: 60000, samples_min: 40, raise_at: 10.0, clear_below: 9.0, }, tier: Some( Blue, ), unit: Ppm, on_delay_ms: 0, off_delay_ms: 0, gap_ms: 8000, source: "test", }, Rule { id: "r1", name: Text { zh: "r1", en: "r1", }, kind: Boolean { when: And( [ Rule( "r0", ), Not( Rule( "r0", ), ), ], ), }, tier: Some( Yellow, ), unit: Ppm, on_delay_ms: 0, off_delay_ms: 0, gap_ms: 8000, source: "test", }, ], fates: [ Fate { delay_ms: 164846, again_ms: None, }, Fate { delay_ms: 0, again_ms: None, }, ], group: 1, cuts: [ Index( 11292493520407748328, ), ], } 
#[test]
fn b() {
    let r0 = Rule{gap_ms:8000, ..support::rule("r0",Some(Tier::Blue),RuleKind::WindowMean{window_ms:60000,samples_min:40,raise_at:10.0,clear_below:9.0},0,0)};
    let e=||Expr::Rule(RuleId::new("r0").unwrap());
    let r1 = Rule{gap_ms:8000, ..support::rule("r1",Some(Tier::Yellow),RuleKind::Boolean{when:Expr::And(vec![e(),Expr::Not(Box::new(e()))])},0,0)};
    let fates=vec![Fate{delay_ms:164846,again_ms:None},Fate{delay_ms:0,again_ms:None}];
    let channels=channels_x();
    let site=site_reordering(2,WINDOW_MS); let rules=on_all(vec![r0,r1],2);
    let readings=arriving(&channels,&fates);
    let cut=(11292493520407748328u128*(readings.len() as u128)>>64) as usize;
    let mut reh=Rehearsal::new(&site,&rules).unwrap();
    for (i,r) in readings.iter().enumerate() {
        if r.channel.0==1 { eprintln!("{i} {} rec {}", r.measured_at.as_millis()%1000000, r.received_at.as_millis()%1000000); }
        reh.arrive(std::slice::from_ref(r));
        if i==cut { eprintln!("RESTART"); reh=reh.restarted(&site,&rules).unwrap(); }
    }
    let o=reh.finish();
    eprintln!("{:?} {:?}", transitions(&o.alarms), o.corrections.len());
}
