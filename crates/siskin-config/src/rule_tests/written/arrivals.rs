//! `[[test.extra]]` and `[[test.delivery]]`: readings with a moment of arrival of their own, and
//! what happens to readings on their way.

use siskin_model::ChannelIndex;

use super::{Named, Reader, Span};
use crate::checks::names;
use crate::fields::{Fields, wrong_type};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::rule_tests::READINGS_MAX;
use crate::rule_tests::delivery::{Arrival, Delivery};
use crate::rule_tests::{series, words};
use crate::sources::At;
use crate::values::Millis;

impl Reader<'_> {
    /// The readings of a text in the notation, arriving when they are measured.
    pub(super) fn row(
        &self,
        text: &At<String>,
        channel: ChannelIndex,
        start_ms: i64,
        step_ms: i64,
        problems: &mut Problems,
    ) -> Option<Vec<Arrival>> {
        match series::read(&text.value, start_ms, step_ms) {
            Ok(series) => {
                let arrival =
                    |sample: series::Sample| Arrival { channel, sample, arrives_ms: sample.at_ms };
                Some(series.samples.into_iter().map(arrival).collect())
            }
            Err(fault) => {
                words::report(fault, text, self.sources, problems);
                None
            }
        }
    }

    /// The readings of every `[[test.extra]]`.
    pub(super) fn extra(
        &self,
        node: Option<&Node>,
        channels: &[Named],
        step_ms: i64,
        problems: &mut Problems,
    ) -> Vec<Arrival> {
        let mut arrivals = Vec::new();
        for table in list(node, "extra", problems) {
            arrivals.extend(self.one_extra(table, channels, step_ms, problems).unwrap_or_default());
        }
        arrivals
    }

    fn one_extra(
        &self,
        node: &Node,
        channels: &[Named],
        step_ms: i64,
        problems: &mut Problems,
    ) -> Option<Vec<Arrival>> {
        let mut fields = Fields::of(node, "[[test.extra]]", problems)?;
        let channel: Option<At<String>> = fields.required("channel", problems);
        let at: Option<Span> = fields.required("at", problems);
        let arrives: Option<Span> = fields.required("arrives", problems);
        let values: Option<At<String>> = fields.required("values", problems);
        fields.finish(problems);
        let index = channel.and_then(|channel| named(&channel, channels, problems))?;
        let mut row = self.row(&values?, index, at?.0, step_ms, problems)?;
        for arrival in &mut row {
            arrival.arrives_ms = arrives?.0;
        }
        Some(row)
    }
}

/// Lets every `[[test.delivery]]` do its work.
pub(super) fn deliveries(
    node: Option<&Node>,
    channels: &[Named],
    arrivals: &mut Vec<Arrival>,
    problems: &mut Problems,
) {
    for table in list(node, "delivery", problems) {
        let Some(delivery) = delivery(table, channels, problems) else { continue };
        if delivery.apply(arrivals) == 0 {
            let hint = "look at `channel`, `from` and `to`: no reading is measured there";
            let draft = Draft::new("a delivery that concerns no reading", hint);
            problems.add(draft.at(table.place, "does nothing"));
        }
    }
    if let (Some(node), true) = (node, arrivals.len() > READINGS_MAX) {
        let message = format!("a test has more than {READINGS_MAX} readings");
        let hint = "take a longer step with `step_s`";
        problems.add(Draft::new(message, hint).at(node.place, "too many"));
    }
}

fn delivery(node: &Node, channels: &[Named], problems: &mut Problems) -> Option<Delivery> {
    let before = problems.count();
    let mut fields = Fields::of(node, "[[test.delivery]]", problems)?;
    let channel: Option<At<String>> = fields.optional("channel", problems);
    let from = fields.or("from", Span(0), problems)?;
    let to = fields.or("to", Span(i64::MAX), problems)?;
    let arrives: Option<Span> = fields.optional("arrives", problems);
    let shuffle = fields.or("shuffle_s", Millis(0), problems)?;
    let repeat_percent = fields.or("repeat_percent", 0.0, problems)?;
    let seed: Option<u32> = fields.optional("seed", problems);
    fields.finish(problems);
    let channel = match channel {
        Some(channel) => Some(named(&channel, channels, problems)?),
        None => None,
    };
    let delivery = Delivery {
        channel,
        from_ms: from.0,
        to_ms: to.0,
        held_ms: arrives.map(|arrives| arrives.0),
        shuffle_ms: shuffle.0,
        repeat_percent,
        seed: u64::from(seed.unwrap_or(0)),
    };
    for (message, hint) in unsound(&delivery, seed.is_some()) {
        problems.add(Draft::new(message, hint).at(node.place, "here"));
    }
    (problems.count() == before).then_some(delivery)
}

/// What cannot be meant by a delivery, with hints.
fn unsound(delivery: &Delivery, has_seed: bool) -> Vec<(&'static str, &'static str)> {
    let chance = delivery.shuffle_ms > 0 || delivery.repeat_percent > 0.0;
    let checks = [
        (
            !chance && delivery.held_ms.is_none(),
            "a delivery that changes nothing",
            "say `arrives = \"10m\"`, `shuffle_s = 8` or `repeat_percent = 5`",
        ),
        (
            chance && !has_seed,
            "a delivery by chance has no seed",
            "add for example `seed = 7`: any whole number, the same gives the same",
        ),
        (
            !(0.0..=100.0).contains(&delivery.repeat_percent),
            "`repeat_percent` must be from 0 to 100",
            "write for example 5",
        ),
        (
            delivery.to_ms <= delivery.from_ms,
            "`to` lies not after `from`",
            "write the earlier time as `from`",
        ),
    ];
    let wrong = checks.into_iter().filter(|(is_wrong, ..)| *is_wrong);
    wrong.map(|(_, message, hint)| (message, hint)).collect()
}

/// The channel called so among those with a series.
fn named(word: &At<String>, channels: &[Named], problems: &mut Problems) -> Option<ChannelIndex> {
    let found = channels.iter().find(|named| named.id.as_str() == word.value);
    if found.is_none() {
        let known = channels.iter().map(|named| named.id.as_str());
        names::unknown(&word.value, word.place, "series of the channel", known, problems);
    }
    found.map(|named| named.index)
}

/// The tables of a list inside a test.
fn list<'a>(node: Option<&'a Node>, key: &str, problems: &mut Problems) -> &'a [Node] {
    match node.map(|node| (&node.value, node)) {
        None => &[],
        Some((Value::List(items), _)) => items,
        Some((_, node)) => {
            wrong_type(node, key, &format!("a list of tables: [[test.{key}]]"), problems);
            &[]
        }
    }
}
