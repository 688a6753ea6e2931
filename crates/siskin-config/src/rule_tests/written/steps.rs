//! Lines of what is expected: `1m12s raise chlorine-yellow at-101-cl2`.
//!
//! A line that could never come true (an unknown rule, a rule that does not judge the channel, a
//! moment after the end) is refused here, so that a failing test always speaks about the rules.

use std::collections::BTreeSet;

use siskin_model::{AreaId, ChannelId, ChannelIndex, CorrectionChange, Edge, GasId, RuleId, Tier};

use crate::Settings;
use crate::checks::names;
use crate::problems::{Draft, Problems};
use crate::rule_tests::step::{AlarmStep, CorrectionStep, Step, WarningStep};
use crate::rule_tests::words::{self, Fault, Word};
use crate::rule_tests::{duration, shown};
use crate::sources::{At, Sources};

/// The steps of warnings that a test can cause: nobody acknowledges in it.
const CHANGES: [&str; 6] =
    ["raised", "escalated", "deescalated", "returned", "reactivated", "reannounced"];

/// What a test's lines may speak of.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    sources: &'a Sources,
    rules: Vec<RuleId>,
    channels: Vec<ChannelId>,
    /// Which rule judges which of the test's channels.
    judged: BTreeSet<(RuleId, ChannelId)>,
    /// Gas and area of the test's channels: what its warnings are about.
    about: BTreeSet<(GasId, AreaId)>,
    end_ms: i64,
}

impl<'a> Scene<'a> {
    /// The scene of a test on `channels` that ends at `end_ms`.
    pub(super) fn new(
        park: &Settings,
        channels: &[ChannelId],
        end_ms: i64,
        sources: &'a Sources,
    ) -> Self {
        let of_test = |index: ChannelIndex| {
            park.site.channel(index).filter(|channel| channels.contains(&channel.id))
        };
        let pair = |binding: &siskin_engine::Binding| {
            let rule = park.rules.rules.get(binding.rule)?;
            Some((rule.id.clone(), of_test(binding.channel)?.id.clone()))
        };
        let judged = park.rules.bindings.iter().filter_map(pair).collect();
        let mine = park.site.channels.iter().filter(|channel| channels.contains(&channel.id));
        let about = mine.filter_map(|c| Some((c.quantity.gas()?.clone(), c.area.clone())));
        let about = about.collect();
        let rules = park.rules.rules.iter().map(|rule| rule.id.clone()).collect();
        Self { sources, rules, channels: channels.to_vec(), judged, about, end_ms }
    }

    /// Whether any rule judges a channel of the test.
    pub(super) fn judges_anything(&self) -> bool {
        !self.judged.is_empty()
    }

    /// The rule called so, where it judges a channel of the test.
    pub(super) fn rule_that_judges(
        &self,
        word: &At<String>,
        problems: &mut Problems,
    ) -> Option<RuleId> {
        let Some(rule) = self.rules.iter().find(|rule| rule.as_str() == word.value) else {
            let all = self.rules.iter().map(RuleId::as_str);
            names::unknown(&word.value, word.place, "rule", all, problems);
            return None;
        };
        if !self.judged.iter().any(|(judging, _)| judging == rule) {
            let message = format!("the rule `{rule}` judges no channel of this test");
            let hint = "add a series of a channel that it judges, or take the rule out";
            problems.add(Draft::new(message, hint).at(word.place, "judges nothing here"));
            return None;
        }
        Some(rule.clone())
    }

    /// Lines about alarms.
    pub(super) fn alarms(
        &self,
        lines: &[At<String>],
        only: Option<&[RuleId]>,
        problems: &mut Problems,
    ) -> Vec<AlarmStep> {
        self.lines(lines, problems, |words| self.alarm(words, only))
    }

    /// Lines about corrections.
    pub(super) fn corrections(
        &self,
        lines: &[At<String>],
        only: Option<&[RuleId]>,
        problems: &mut Problems,
    ) -> Vec<CorrectionStep> {
        self.lines(lines, problems, |words| {
            let mut rest = words.to_vec();
            let change = match rest.get(1).map(|word| word.text) {
                Some("added") => CorrectionChange::Added,
                Some("removed") => CorrectionChange::Removed,
                _ => {
                    let word = rest.get(1).or(rest.first()).copied();
                    let word = word.unwrap_or(Word { text: "", start: 0 });
                    return Err(word.unknown("change of the record", ["added", "removed"]));
                }
            };
            rest.remove(1);
            Ok(CorrectionStep { alarm: self.alarm(&rest, only)?, change })
        })
    }

    /// Lines about warnings.
    pub(super) fn warnings(
        &self,
        lines: &[At<String>],
        problems: &mut Problems,
    ) -> Vec<WarningStep> {
        self.lines(lines, problems, |words| self.warning(words))
    }

    fn lines<S: Step>(
        &self,
        lines: &[At<String>],
        problems: &mut Problems,
        one: impl Fn(&[Word<'_>]) -> Result<S, Fault>,
    ) -> Vec<S> {
        let mut steps: Vec<S> = Vec::new();
        for line in lines {
            let words = words::words(&line.value, 0);
            let before_ms = steps.last().map_or(0, Step::at_ms);
            let step = one(&words).and_then(|step| {
                let first = words.first().copied().unwrap_or(Word { text: "", start: 0 });
                self.in_time(first, before_ms, step.at_ms()).map(|()| step)
            });
            match step {
                Ok(step) => steps.push(step),
                Err(fault) => words::report(fault, line, self.sources, problems),
            }
        }
        steps
    }

    fn in_time(&self, word: Word<'_>, before_ms: i64, at_ms: i64) -> Result<(), Fault> {
        if at_ms < before_ms {
            let message = format!("`{}` stands behind {}", word.text, shown(before_ms));
            return Err(word.fault(message, "write the lines in order of time"));
        }
        if at_ms > self.end_ms {
            let end = shown(self.end_ms);
            let message = format!("`{}` lies after the test's end at {end}", word.text);
            let hint = "let the series go on, or add `until = …` to the test";
            return Err(word.fault(message, hint));
        }
        Ok(())
    }

    fn alarm(&self, words: &[Word<'_>], only: Option<&[RuleId]>) -> Result<AlarmStep, Fault> {
        let usage = "write `TIME raise RULE CHANNEL` or `TIME clear RULE CHANNEL`";
        let (at, edge, rule, channel) = match words {
            [at, edge, rule] => (at, edge, rule, None),
            [at, edge, rule, channel] => (at, edge, rule, Some(channel)),
            _ => return Err(wrong_count(words, usage)),
        };
        let at_ms = moment(*at)?;
        let edge = match edge.text {
            "raise" => Edge::Raise,
            "clear" => Edge::Clear,
            _ => return Err(edge.unknown("edge of an alarm", ["raise", "clear"])),
        };
        let rule = self.rule(*rule, only)?;
        let channel = match channel {
            Some(channel) => self.channel(*channel, &rule)?,
            None => self.only_channel(*at, &rule)?,
        };
        Ok(AlarmStep { at_ms, rule, channel, edge })
    }

    fn rule(&self, word: Word<'_>, only: Option<&[RuleId]>) -> Result<RuleId, Fault> {
        let found = self.rules.iter().find(|rule| rule.as_str() == word.text);
        let all = self.rules.iter().map(RuleId::as_str);
        let rule = found.ok_or_else(|| word.unknown("rule", all))?;
        if only.is_some_and(|only| !only.contains(rule)) {
            let message = format!("`only` leaves the rule `{rule}` out");
            return Err(word.fault(message, "add it to `only`, or take this line out"));
        }
        Ok(rule.clone())
    }

    fn channel(&self, word: Word<'_>, rule: &RuleId) -> Result<ChannelId, Fault> {
        let found = self.channels.iter().find(|channel| channel.as_str() == word.text);
        let all = self.channels.iter().map(ChannelId::as_str);
        let channel = found.ok_or_else(|| word.unknown("series of the channel", all))?;
        if !self.judged.contains(&(rule.clone(), channel.clone())) {
            let message = format!("the rule `{rule}` does not judge `{channel}`");
            return Err(word.fault(message, "look at the rule's `gas`, `areas` and `channels`"));
        }
        Ok(channel.clone())
    }

    fn only_channel(&self, word: Word<'_>, rule: &RuleId) -> Result<ChannelId, Fault> {
        let mut judged = self.judged.iter().filter(|(judging, _)| judging == rule);
        match (judged.next(), judged.next()) {
            (Some((_, channel)), None) => Ok(channel.clone()),
            (None, _) => {
                let message = format!("the rule `{rule}` judges no channel of this test");
                Err(word.fault(message, "add a series of a channel that it judges"))
            }
            (Some(_), Some(_)) => {
                let message = format!("the rule `{rule}` judges several channels of this test");
                Err(word.fault(message, "write the channel behind the rule"))
            }
        }
    }

    fn warning(&self, words: &[Word<'_>]) -> Result<WarningStep, Fault> {
        let usage = "write `TIME raised TIER GAS AREA`, for example \
                     `1m raised yellow chlorine tank-farm`";
        let (at, change, tier, place) = match words {
            [at, change, tier] => (at, change, tier, None),
            [at, change, tier, gas, area] => (at, change, tier, Some((gas, area))),
            _ => return Err(wrong_count(words, usage)),
        };
        let at_ms = moment(*at)?;
        let known = CHANGES.iter().find(|known| **known == change.text);
        let change = *known.ok_or_else(|| change_fault(*change))?;
        let tiers = Tier::ALL.map(Tier::as_str);
        let found = Tier::ALL.into_iter().find(|known| known.as_str() == tier.text);
        let tier = found.ok_or_else(|| tier.unknown("tier", tiers))?;
        let (gas, area) = match place {
            Some((gas, area)) => self.place(*gas, *area)?,
            None => self.only_place(*at)?,
        };
        Ok(WarningStep { at_ms, change, tier, gas, area })
    }

    fn only_place(&self, word: Word<'_>) -> Result<(GasId, AreaId), Fault> {
        let only = self.about.first().filter(|_| self.about.len() == 1).cloned();
        only.ok_or_else(|| {
            let message = "the test has several gases or areas, or none";
            word.fault(message, "write gas and area behind the tier")
        })
    }

    fn place(&self, gas: Word<'_>, area: Word<'_>) -> Result<(GasId, AreaId), Fault> {
        let gases = || self.about.iter().filter(|(known, _)| known.as_str() == gas.text);
        if gases().next().is_none() {
            return Err(gas.unknown("gas", self.about.iter().map(|(gas, _)| gas.as_str())));
        }
        let found = gases().find(|(_, known)| known.as_str() == area.text).cloned();
        let areas: Vec<&str> = gases().map(|(_, area)| area.as_str()).collect();
        found.ok_or_else(|| area.unknown("area", areas))
    }
}

fn moment(word: Word<'_>) -> Result<i64, Fault> {
    duration::parse(word.text).ok_or_else(|| {
        let message = format!("`{}` is no time after the test's start", word.text);
        word.fault(message, format!("write {}", duration::EXAMPLES))
    })
}

fn wrong_count(words: &[Word<'_>], usage: &str) -> Fault {
    let start = words.first().map_or(0, |word| word.start);
    let end = words.last().map_or(0, |word| word.start + word.text.len());
    let message = format!("a line of {} words cannot be understood", words.len());
    Fault { start, end, message, hint: usage.to_owned() }
}

fn change_fault(word: Word<'_>) -> Fault {
    match word.text {
        "updated" => {
            let hint = "take the line out: only steps that people act on are compared";
            word.fault("`updated` is not compared", hint)
        }
        "acknowledged" | "closed" => {
            let message = format!("`{}` cannot happen: nobody acts in a test", word.text);
            word.fault(message, "take the line out")
        }
        _ => word.unknown("step of a warning", CHANGES),
    }
}
