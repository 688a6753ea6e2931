//! `tests/*.toml` as written: `[[test]]`.

mod arrivals;
mod steps;

use siskin_model::{ChannelId, ChannelIndex, Quality, Reading, RuleId, Text};

use self::steps::Scene;
use super::delivery::Arrival;
use super::{Expected, READINGS_MAX, RuleTest, START, TESTS_MAX, duration, fitted};
use crate::Settings;
use crate::checks::names;
use crate::fields::{Fields, FromNode, tables, wrong_type};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place, Sources};
use crate::values::Millis;

/// The step of time where a test says nothing.
const STEP_MS_DEFAULT: i64 = 1000;

/// The keys that are read after the series.
const KEYS_BEHIND_SERIES: [&str; 5] = ["only", "expect", "record", "warnings", "corrections"];

/// A moment after the test's start, or a length of time, as `"1m30s"` or a number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span(i64);

impl FromNode for Span {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let ms = match &node.value {
            Value::Text(text) => duration::parse(text),
            Value::Integer(number) => duration::parse(&number.to_string()),
            Value::Float(number) => duration::parse(&number.to_string()),
            _ => None,
        };
        if ms.is_none() {
            let expected = format!("a time after the test's start, such as {}", duration::EXAMPLES);
            wrong_type(node, key, &expected, problems);
        }
        ms.map(Self)
    }
}

/// Reads every test of a file into `tests`; those with a problem are left out.
pub(super) fn read(
    root: &Node,
    file: &str,
    settings: &Settings,
    sources: &Sources,
    problems: &mut Problems,
    tests: &mut Vec<RuleTest>,
) {
    let found = tables(root, file, "test", problems);
    if found.is_empty() {
        let place = Place { file: root.place.file, start: 0, end: 0 };
        let draft = Draft::new(format!("{file} has no test"), "begin one with [[test]]");
        problems.add(draft.at(place, "no [[test]] here"));
    }
    for node in found {
        if tests.len() >= TESTS_MAX {
            let message = format!("a site has more than {TESTS_MAX} tests");
            problems.add(Draft::new(message, "take some out").at(node.place, "one too many"));
            return;
        }
        let reader = Reader { settings, sources };
        if let Some(test) = reader.test(node, problems) {
            let (line, _) = sources.line_column(node.place);
            tests.push(RuleTest { file: file.to_owned(), line, ..test });
        }
    }
}

/// What every part of a test is read with.
#[derive(Debug, Clone, Copy)]
struct Reader<'a> {
    settings: &'a Settings,
    sources: &'a Sources,
}

/// A channel that the test speaks of.
#[derive(Debug, Clone)]
struct Named {
    id: ChannelId,
    index: ChannelIndex,
}

impl Reader<'_> {
    fn test(&self, node: &Node, problems: &mut Problems) -> Option<RuleTest> {
        let before = problems.count();
        let mut fields = Fields::of(node, "[[test]]", problems)?;
        let name: Option<Text> = fields.required("name", problems);
        let step = fields.or("step_s", Millis(STEP_MS_DEFAULT), problems)?;
        let until: Option<At<Span>> = fields.optional("until", problems);
        let series = self.series(&mut fields, step.0, problems);
        let extra = fields.node("extra");
        let delivery = fields.node("delivery");
        let Some((channels, mut arrivals)) = series else {
            // Without its series nothing can be said of the rest but that no key is unknown.
            for key in KEYS_BEHIND_SERIES {
                fields.node(key);
            }
            fields.finish(problems);
            return None;
        };
        arrivals.extend(self.extra(extra, &channels, step.0, problems));
        arrivals::deliveries(delivery, &channels, &mut arrivals, problems);
        let end_ms = end(&arrivals, step.0, until, problems);
        let ids: Vec<ChannelId> = channels.iter().map(|named| named.id.clone()).collect();
        let scene = Scene::new(&fitted(self.settings, &ids), &ids, end_ms, self.sources);
        let chosen = only(&mut fields, &scene, problems);
        let expected = expected(&mut fields, &scene, chosen.as_deref(), problems);
        fields.finish(problems);
        if problems.count() > before {
            return None;
        }
        Some(RuleTest {
            name: name?,
            file: String::new(),
            line: 0,
            channels: ids,
            readings: readings(arrivals),
            until: START.plus_ms(end_ms),
            only: chosen,
            expected: expected?,
        })
    }

    /// The channels with their readings, all arriving when they are measured.
    fn series(
        &self,
        fields: &mut Fields<'_>,
        step_ms: i64,
        problems: &mut Problems,
    ) -> Option<(Vec<Named>, Vec<Arrival>)> {
        let place = fields.place();
        let node = fields.node("series");
        let Some(Node { value: Value::Table(entries), .. }) = node else {
            let draft = Draft::new(
                "a test without a table of series",
                "write [test.series] with lines such as `at-101-cl2 = \"0.1 x60, 12 x30\"`",
            );
            problems.add(draft.at(node.map_or(place, |node| node.place), "no series here"));
            return None;
        };
        let before = problems.count();
        let ids: Vec<At<ChannelId>> =
            entries.iter().filter_map(|e| self.channel(&e.key, problems)).collect();
        let plain: Vec<ChannelId> = ids.iter().map(|id| id.value.clone()).collect();
        let park = fitted(self.settings, &plain).site;
        let (mut channels, mut arrivals) = (Vec::new(), Vec::new());
        for (id, entry) in ids.iter().zip(entries) {
            let Some(index) = park.index_of(&id.value) else { continue };
            let text: Option<At<String>> = At::from_node(&entry.node, &entry.key.value, problems);
            arrivals.extend(text.and_then(|text| self.row(&text, index, 0, step_ms, problems))?);
            channels.push(Named { id: id.value.clone(), index });
        }
        if problems.count() == before && channels.is_empty() {
            let draft = Draft::new("a test without a series", "add a line for a channel");
            problems.add(draft.at(place, "no series here"));
        }
        (problems.count() == before).then_some((channels, arrivals))
    }

    /// A key of the series as a channel of the site.
    fn channel(&self, key: &At<String>, problems: &mut Problems) -> Option<At<ChannelId>> {
        let id = ChannelId::new(&key.value).ok();
        let known = |id: &ChannelId| {
            self.settings.template.is_some() || self.settings.site.index_of(id).is_some()
        };
        let found = id.filter(known);
        if found.is_none() {
            let all = self.settings.site.channels.iter().map(|channel| channel.id.as_str());
            names::unknown(&key.value, key.place, "channel", all, problems);
        }
        found.map(|value| At { value, place: key.place })
    }
}

fn only(
    fields: &mut Fields<'_>,
    scene: &Scene<'_>,
    problems: &mut Problems,
) -> Option<Vec<RuleId>> {
    let place = fields.place();
    let written: Option<Vec<At<String>>> = fields.optional("only", problems);
    if let Some(written) = &written {
        if written.is_empty() {
            let hint = "name rules in it, or leave it out to look at all rules";
            let draft = Draft::new("`only` names no rule: the test could not fail", hint);
            problems.add(draft.at(place, "tests nothing"));
        }
        let rules = written.iter().map(|word| scene.rule_that_judges(word, problems));
        return rules.collect();
    }
    if !scene.judges_anything() && !fields.has("only") {
        let message = "no rule judges a channel of this test: it could not fail";
        let hint = "name a channel that a rule judges";
        problems.add(Draft::new(message, hint).at(place, "tests nothing"));
    }
    None
}

/// Where the clock stops: after the last reading, or where the test says.
fn end(
    arrivals: &[Arrival],
    step_ms: i64,
    until: Option<At<Span>>,
    problems: &mut Problems,
) -> i64 {
    let last_ms = arrivals.iter().map(|a| a.arrives_ms.max(a.sample.at_ms + step_ms)).max();
    let last_ms = last_ms.unwrap_or(0);
    let Some(until) = until else { return last_ms };
    if arrivals.iter().any(|arrival| arrival.arrives_ms > until.value.0) {
        let message = format!(
            "readings arrive after the test's end at `until = {}`",
            duration::shown(until.value.0)
        );
        let hint = format!("end the test at {} or later", duration::shown(last_ms));
        problems.add(Draft::new(message, hint).at(until.place, "too early"));
    }
    until.value.0
}

fn expected(
    fields: &mut Fields<'_>,
    scene: &Scene<'_>,
    only: Option<&[RuleId]>,
    problems: &mut Problems,
) -> Option<Expected> {
    if !fields.has("expect") {
        let hint = "list what must happen; write `expect = []` where nothing may happen";
        let draft = Draft::new("a test that does not say what to expect", hint);
        problems.add(draft.at(fields.place(), "`expect` is missing"));
    }
    let alarms: Option<Vec<At<String>>> = fields.optional("expect", problems);
    let record: Option<Vec<At<String>>> = fields.optional("record", problems);
    let warnings: Option<Vec<At<String>>> = fields.optional("warnings", problems);
    let corrections: Option<Vec<At<String>>> = fields.optional("corrections", problems);
    let has_record = record.is_some();
    let record = scene.alarms(&record.unwrap_or_default(), only, problems);
    let has_warnings = warnings.is_some();
    let warnings = scene.warnings(&warnings.unwrap_or_default(), problems);
    Some(Expected {
        alarms: scene.alarms(&alarms?, only, problems),
        record: has_record.then_some(record),
        warnings: has_warnings.then_some(warnings),
        corrections: scene.corrections(&corrections.unwrap_or_default(), only, problems),
    })
}

/// Readings in order of arrival; those that arrive together keep their order.
fn readings(mut arrivals: Vec<Arrival>) -> Vec<Reading> {
    arrivals.sort_by_key(|arrival| (arrival.arrives_ms, arrival.sample.at_ms));
    let reading = |arrival: Arrival| {
        let sample = arrival.sample;
        let (measured, received) = (sample.at_ms, arrival.arrives_ms);
        let quality: Quality = sample.quality;
        Reading::new(
            arrival.channel,
            START.plus_ms(measured),
            START.plus_ms(received),
            sample.value,
            quality,
        )
    };
    arrivals.into_iter().take(READINGS_MAX).map(reading).collect()
}
