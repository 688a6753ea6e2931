//! `siskin test-rules SITE`: the stories in the site's `tests/*.toml` against its rules.
//!
//! The engine of the station judges them with its clock running as in the station; only the moments
//! come from the test. Ends with 1 where a story comes out otherwise than written and with 2 where
//! the site or a test file is not sound, so that neither can be taken for success.

mod compare;
mod difference;
mod json;
mod table;

use std::process::ExitCode;

use siskin_config::rule_tests::{
    self, AlarmStep, CorrectionStep, RuleTest, START, Step, WarningStep,
};
use siskin_config::{Report, Settings};
use siskin_engine::{Counters, Outcome, Rehearsal};
use siskin_model::RuleId;

use self::compare::Row;
pub(crate) use self::difference::Difference;
use crate::cli::{EXIT_BAD_SITE, EXIT_FAILED, TestRulesArgs, complain, say};
use crate::files;

/// The clock moves as often as the station's.
const TICK_MS: i64 = 500;

/// How one test came out.
#[derive(Debug)]
pub(crate) struct Verdict<'a> {
    pub(crate) test: &'a RuleTest,
    alarms: Vec<Row<AlarmStep>>,
    record: Vec<Row<AlarmStep>>,
    warnings: Vec<Row<WarningStep>>,
    corrections: Vec<Row<CorrectionStep>>,
    counters: Counters,
}

impl Verdict<'_> {
    /// Whether everything came out as written.
    pub(crate) fn passed(&self) -> bool {
        let steps = self.alarms.iter().chain(&self.record).all(Row::is_same);
        let warnings = self.warnings.iter().all(Row::is_same);
        steps && warnings && self.corrections.iter().all(Row::is_same)
    }
}

/// Runs the tests, prints what came of them.
pub(crate) fn test_rules(args: &TestRulesArgs) -> anyhow::Result<ExitCode> {
    let inputs = files::site(&args.site, args.firmware_configs.as_deref())?;
    let read = siskin_config::load(&inputs).and_then(|settings| {
        let tests = rule_tests::read(&inputs.site, &settings)?;
        Ok((settings, tests))
    });
    let (settings, tests) = match read {
        Ok(read) => read,
        Err(report) => return Ok(refused(&report)),
    };
    if tests.is_empty() {
        complain(&anyhow::anyhow!(
            "`{}` has no rule tests, so nothing was tested; \
             hint: write tests/*.toml beside the rules (docs/rule-tests.md)",
            args.site.display()
        ));
        return Ok(ExitCode::from(EXIT_BAD_SITE));
    }
    let chosen: Vec<&RuleTest> = tests.iter().filter(|test| args.takes(test)).collect();
    anyhow::ensure!(
        !chosen.is_empty(),
        "none of {} tests has `{}` in its name or file; hint: leave --filter out to see all names",
        tests.len(),
        args.filter.as_deref().unwrap_or_default()
    );
    run_all(&chosen, &settings, args.json)
}

impl TestRulesArgs {
    fn takes(&self, test: &RuleTest) -> bool {
        let Some(filter) = &self.filter else { return true };
        let filter = filter.to_lowercase();
        let texts = [&test.name.zh, &test.name.en, &test.file];
        texts.iter().any(|text| text.to_lowercase().contains(&filter))
    }
}

fn refused(report: &Report) -> ExitCode {
    say(&report.render());
    ExitCode::from(EXIT_BAD_SITE)
}

fn run_all(tests: &[&RuleTest], settings: &Settings, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut verdicts = Vec::with_capacity(tests.len());
    for test in tests {
        let verdict = run(test, settings)?;
        if !as_json {
            say(&table::told(&verdict));
        }
        verdicts.push(verdict);
    }
    let failed = verdicts.iter().filter(|verdict| !verdict.passed()).count();
    if as_json {
        say(&json::told(&verdicts)?);
    } else {
        say(&table::summary(verdicts.len(), failed));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

/// Plays one test and compares.
pub(crate) fn run<'a>(test: &'a RuleTest, settings: &Settings) -> anyhow::Result<Verdict<'a>> {
    let (site, rules) = test.park(settings);
    let outcome = play(test, Rehearsal::new(&site, &rules)?);
    let looks_at = |rule: &RuleId| test.only.as_ref().is_none_or(|only| only.contains(rule));
    let steps = |events: &[siskin_model::AlarmEvent]| -> Vec<AlarmStep> {
        let events = events.iter().filter(|event| looks_at(&event.alarm.rule));
        events.map(AlarmStep::from).collect()
    };
    let expected = &test.expected;
    let corrections = outcome.corrections.iter().filter(|c| looks_at(&c.event.alarm.rule));
    let corrections: Vec<CorrectionStep> = corrections.map(CorrectionStep::from).collect();
    let warnings: Vec<_> = outcome.warnings.iter().filter_map(WarningStep::of).collect();
    Ok(Verdict {
        test,
        alarms: compare::rows(&expected.alarms, &steps(&outcome.announced)),
        record: optional_rows(expected.record.as_deref(), &steps(&outcome.alarms)),
        warnings: optional_rows(expected.warnings.as_deref(), &warnings),
        corrections: compare::rows(&expected.corrections, &corrections),
        counters: outcome.counters,
    })
}

fn optional_rows<S: Step>(expected: Option<&[S]>, got: &[S]) -> Vec<Row<S>> {
    expected.map(|expected| compare::rows(expected, got)).unwrap_or_default()
}

/// Lets the readings arrive and the clock run, both from the test's moments.
fn play(test: &RuleTest, mut rehearsal: Rehearsal) -> Outcome {
    let mut rest = test.readings.as_slice();
    let mut now = START;
    loop {
        let arrived = rest.partition_point(|reading| reading.received_at <= now);
        let (batch, later) = rest.split_at(arrived);
        rehearsal.arrive(batch);
        rehearsal.tick(now);
        rest = later;
        if now >= test.until {
            break;
        }
        now = now.plus_ms(TICK_MS).min(test.until);
    }
    rehearsal.finish()
}
