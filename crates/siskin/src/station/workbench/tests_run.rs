//! The site's rule tests against a rule set, within a time.
//!
//! Judged by the engine that `siskin test-rules` uses. Must never take longer than the API waits:
//! what there is no time for is told as not run.

use std::sync::TryLockError;
use std::time::{Duration, Instant};

use siskin_api::contract::{RuleTestView, RuleTestsRequest, RuleTestsView, TestDifferenceView};
use siskin_api::{BackendError, WorkbenchFault};
use siskin_config::Settings;
use siskin_config::rule_tests::{self, RuleTest};

use super::super::rules::sets;
use super::super::views;
use super::WorkbenchDesk;
use super::check::{findings, without_place};
use crate::test_rules::{self, Difference};

/// How long one run may take: the API gives up after 5 s.
const RUN_MAX: Duration = Duration::from_secs(3);
/// Differences of one test that are listed.
const DIFFERENCES_MAX: usize = 100;

impl WorkbenchDesk {
    pub(super) fn run_tests(
        &self,
        request: &RuleTestsRequest,
    ) -> Result<RuleTestsView, BackendError> {
        let _one_at_a_time = match self.testing.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(WorkbenchFault::TestsRun.into()),
            // A panic of an earlier run left nothing behind.
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Ok(turn) => turn,
        };
        let until = Instant::now() + RUN_MAX;
        let set = match &request.files {
            Some(files) => self.given(files),
            None => Ok(self.rules.now.shared_version().made.files.clone()),
        };
        let set = match set {
            Ok(set) => set,
            Err(error) => return Ok(not_run(vec![without_place(&format!("{error:#}"))])),
        };
        let files = self.tests()?;
        let read = sets::load(&self.rules.texts.inputs, &set).and_then(|settings| {
            let stories = rule_tests::read(&files, &settings)?;
            Ok((settings, stories))
        });
        match read {
            Ok((settings, stories)) => run(&stories, &settings, &|| Instant::now() < until),
            Err(report) => Ok(not_run(findings(&report))),
        }
    }
}

fn not_run(findings: Vec<siskin_api::contract::FindingView>) -> RuleTestsView {
    RuleTestsView { passed: 0, failed: 0, not_run: 0, tests: Vec::new(), findings }
}

/// Runs the tests one after another while there is time.
fn run(
    tests: &[RuleTest],
    settings: &Settings,
    has_time: &dyn Fn() -> bool,
) -> Result<RuleTestsView, BackendError> {
    let mut view = not_run(Vec::new());
    for test in tests {
        // The first one is always run: a busy machine still says something.
        let (state, differences) = if view.tests.is_empty() || has_time() {
            let verdict = test_rules::run(test, settings);
            let verdict =
                verdict.map_err(|error| BackendError::Unavailable(format!("{error:#}")))?;
            if verdict.passed() {
                ("passed", Vec::new())
            } else {
                ("failed", verdict.differences())
            }
        } else {
            ("not-run", Vec::new())
        };
        let count = match state {
            "passed" => &mut view.passed,
            "failed" => &mut view.failed,
            _ => &mut view.not_run,
        };
        *count += 1;
        view.tests.push(RuleTestView {
            name: views::text(&test.name),
            file: test.file.clone(),
            line: u32::try_from(test.line).unwrap_or(u32::MAX),
            state: state.to_owned(),
            differences: differences.into_iter().take(DIFFERENCES_MAX).map(difference).collect(),
        });
    }
    Ok(view)
}

fn difference(one: Difference) -> TestDifferenceView {
    TestDifferenceView { list: one.list.to_owned(), expected: one.expected, got: one.got }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn demo() -> (Vec<RuleTest>, Settings) {
        let inputs = crate::files::demo_park();
        let settings = siskin_config::load(&inputs).unwrap();
        (rule_tests::read(&inputs.site, &settings).unwrap(), settings)
    }

    #[test]
    fn what_there_is_no_time_for_is_told_as_not_run() {
        let (tests, settings) = demo();
        assert!(tests.len() > 2, "{}", tests.len());
        let left = Cell::new(1);
        let has_time = || left.replace(left.get() - 1) > 0;
        let view = run(&tests, &settings, &has_time).unwrap();
        assert_eq!((view.passed, view.failed), (2, 0));
        assert_eq!(view.not_run as usize, tests.len() - 2);
        assert_eq!(view.tests.last().unwrap().state, "not-run");
    }

    #[test]
    fn a_rule_that_is_slower_fails_its_test_with_what_came_instead() {
        let (tests, mut settings) = demo();
        for rule in &mut settings.rules.rules {
            rule.on_delay_ms += 7_000;
        }
        let view = run(&tests, &settings, &|| true).unwrap();
        assert!(view.failed > 0, "{view:?}");
        let failed = view.tests.iter().find(|test| test.state == "failed").unwrap();
        assert!(!failed.differences.is_empty());
        assert!(failed.differences.len() <= DIFFERENCES_MAX);
    }
}
