//! What was expected beside what came.
//!
//! Equal steps are paired first, then those that differ only in their moment, the nearest first;
//! whatever is left over on either side stands alone. Nothing is dropped.

use siskin_config::rule_tests::Step;

/// One line of the comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row<S> {
    /// Expected and came.
    Same(S),
    /// Expected, and came at another moment.
    Moved {
        /// As expected.
        expected: S,
        /// As it came.
        got: S,
    },
    /// Expected and did not come.
    Missing(S),
    /// Came and was not expected.
    Extra(S),
}

impl<S: Step> Row<S> {
    /// Whether it is as expected.
    pub(super) fn is_same(&self) -> bool {
        matches!(self, Self::Same(_))
    }

    fn at_ms(&self) -> i64 {
        match self {
            Self::Same(step) | Self::Missing(step) | Self::Extra(step) => step.at_ms(),
            Self::Moved { expected, .. } => expected.at_ms(),
        }
    }
}

/// Lays both side by side, in order of time.
pub(super) fn rows<S: Step>(expected: &[S], got: &[S]) -> Vec<Row<S>> {
    let mut got: Vec<S> = got.to_vec();
    got.sort();
    let mut rows = Vec::new();
    let mut open = Vec::new();
    for step in expected {
        match got.iter().position(|came| came == step) {
            Some(place) => rows.push(Row::Same(got.remove(place))),
            None => open.push(step.clone()),
        }
    }
    for step in open {
        let alike = got.iter().enumerate().filter(|(_, came)| came.is_like(&step));
        let away_ms = |came: &S| came.at_ms().abs_diff(step.at_ms());
        let nearest = alike.min_by_key(|(_, came)| away_ms(came)).map(|(place, _)| place);
        rows.push(match nearest {
            Some(place) => Row::Moved { expected: step, got: got.remove(place) },
            None => Row::Missing(step),
        });
    }
    rows.extend(got.into_iter().map(Row::Extra));
    rows.sort_by_key(Row::at_ms);
    rows
}

#[cfg(test)]
mod tests {
    use siskin_config::rule_tests::AlarmStep;
    use siskin_model::{ChannelId, Edge, RuleId};

    use super::*;

    fn step(seconds: i64, rule: &str) -> AlarmStep {
        AlarmStep {
            at_ms: seconds * 1000,
            rule: RuleId::new(rule).unwrap(),
            channel: ChannelId::new("a").unwrap(),
            edge: Edge::Raise,
        }
    }

    fn check(expected: &[(i64, &str)], got: &[(i64, &str)], want: &str) {
        let steps = |list: &[(i64, &str)]| -> Vec<AlarmStep> {
            list.iter().map(|(seconds, rule)| step(*seconds, rule)).collect()
        };
        let told = rows(&steps(expected), &steps(got)).into_iter().map(|row| match row {
            Row::Same(step) => format!("={}", step.at_ms / 1000),
            Row::Moved { expected, got } => {
                format!("{}>{}", expected.at_ms / 1000, got.at_ms / 1000)
            }
            Row::Missing(step) => format!("-{}", step.at_ms / 1000),
            Row::Extra(step) => format!("+{}", step.at_ms / 1000),
        });
        assert_eq!(told.collect::<Vec<_>>().join(" "), want);
    }

    #[test]
    fn every_step_stands_in_exactly_one_row() {
        check(&[(1, "x"), (2, "y")], &[(2, "y"), (1, "x")], "=1 =2");
        check(&[(1, "x")], &[], "-1");
        check(&[], &[(1, "x")], "+1");
        check(&[(1, "x"), (9, "x")], &[(8, "x"), (1, "x")], "=1 9>8");
        // The equal one is paired first, even where another expected step is nearer.
        check(&[(1, "x"), (5, "x")], &[(5, "x")], "-1 =5");
        check(&[(1, "x")], &[(1, "x"), (1, "x")], "=1 +1");
        check(&[(3, "x")], &[(1, "y"), (20, "x")], "+1 3>20");
    }
}
