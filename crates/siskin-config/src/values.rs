//! The values that stand in site files: numbers, texts, words, ids, lengths of time.
//!
//! Numbers are always finite (invariant 9: TOML can write `nan`). A number in an environment
//! variable is written as text and read here. Nothing is rounded or clipped to fit.

use serde::Deserialize;
use serde::de::IntoDeserializer;
use siskin_model::id::IdError;
use siskin_model::incident::Grade;
use siskin_model::notify::{CapProfile, Language, RecipientKind, Robot};
use siskin_model::site::{AreaKind, Position, Range};
use siskin_model::{
    AnalyzerId, AreaId, ChannelId, ContactId, DutyRoleId, GasId, PositionId, RuleId, Text, Tier,
    Unit,
};

use crate::fields::{Fields, FromNode, wrong_type};
use crate::node::{Node, Value};
use crate::problems::{Draft, Problems};
use crate::suggest;
use crate::written::incidents::OpenOn;

/// The longest length of time a site file may state: a week.
const DURATION_S_MAX: f64 = 7.0 * 86_400.0;

/// A length of time, written in seconds (decimals allowed).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Millis(pub(crate) i64);

/// A text with something in it.
impl FromNode for String {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                let message = format!("`{key}` is empty");
                let draft = Draft::new(message, "write a text or leave the key out");
                problems.add(draft.at(node.place, "nothing here"));
                None
            }
            Value::Text(text) => Some(text.clone()),
            _ => {
                wrong_type(node, key, "a text in quotes", problems);
                None
            }
        }
    }
}

impl FromNode for bool {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Boolean(truth) => Some(*truth),
            Value::Text(text) if node.from_environment && text == "true" => Some(true),
            Value::Text(text) if node.from_environment && text == "false" => Some(false),
            _ => {
                wrong_type(node, key, "`true` or `false`", problems);
                None
            }
        }
    }
}

impl FromNode for f64 {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let number = match &node.value {
            Value::Float(number) => Some(*number),
            // Site files hold small numbers; beyond 2^53 the reader below still compares rightly.
            Value::Integer(number) => i32::try_from(*number).ok().map(Self::from),
            Value::Text(text) if node.from_environment => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|n| n.is_finite());
        if number.is_none() {
            wrong_type(node, key, "a finite number", problems);
        }
        number
    }
}

macro_rules! whole_number {
    ($type:ty) => {
        impl FromNode for $type {
            fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
                let number = match &node.value {
                    Value::Integer(number) => Self::try_from(*number).ok(),
                    Value::Text(text) if node.from_environment => text.trim().parse().ok(),
                    _ => None,
                };
                if number.is_none() {
                    let (low, high) = (Self::MIN, Self::MAX);
                    let expected = format!("a whole number from {low} to {high}");
                    wrong_type(node, key, &expected, problems);
                }
                number
            }
        }
    };
}
whole_number!(u8);
whole_number!(u16);
whole_number!(u32);
whole_number!(u64);

impl FromNode for Millis {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let seconds = f64::from_node(node, key, problems)?;
        if !(0.0..=DURATION_S_MAX).contains(&seconds) {
            let message = format!("`{key}` is `{seconds}`, which is not a length of time");
            let hint = format!("write seconds from 0 to {DURATION_S_MAX}");
            problems.add(Draft::new(message, hint).at(node.place, "out of range"));
            return None;
        }
        let ms = (seconds * 1000.0).round();
        #[allow(
            clippy::cast_possible_truncation,
            reason = "0 to 604,800,000 after the check above"
        )]
        Some(Self(ms as i64))
    }
}

macro_rules! id {
    ($($type:ty),*) => {$(
        impl FromNode for $type {
            fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
                let text = String::from_node(node, key, problems)?;
                Self::new(&text)
                    .map_err(|error| {
                        let text = error.to_string();
                        let (message, hint) = text.split_once("; hint: ").unwrap_or((&text, ""));
                        let message = format!("`{key}`: {message}");
                        problems.add(Draft::new(message, hint).at(node.place, "not an id"));
                    })
                    .ok()
            }
        }
    )*};
}
id!(GasId, AreaId, AnalyzerId, ChannelId, RuleId, PlainId, ContactId, DutyRoleId, PositionId);

/// The id of a site or a receiver: the same letters as all ids, kept as text by the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlainId(pub(crate) String);

impl PlainId {
    fn new(text: &str) -> Result<Self, IdError> {
        AreaId::new(text).map(|id| Self(id.as_str().to_owned()))
    }
}

/// Why a word is none of a list; keeps the list so that a hint can be made.
#[derive(Debug)]
struct WordError(&'static [&'static str]);

impl std::fmt::Display for WordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected one of {:?}", self.0)
    }
}

impl std::error::Error for WordError {}

impl serde::de::Error for WordError {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}

fn word<'de, T: Deserialize<'de>>(
    node: &'de Node,
    key: &str,
    problems: &mut Problems,
) -> Option<T> {
    let Value::Text(text) = &node.value else {
        wrong_type(node, key, "a word in quotes", problems);
        return None;
    };
    let word = IntoDeserializer::<WordError>::into_deserializer(text.as_str());
    T::deserialize(word)
        .map_err(|WordError(known)| {
            let message = format!("`{key}` cannot be `{text}`");
            let hint = suggest::hint(text, "words", known.iter().copied());
            problems.add(Draft::new(message, hint).at(node.place, "not a known word"));
        })
        .ok()
}

macro_rules! words {
    ($($type:ty),*) => {$(
        impl FromNode for $type {
            fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
                word(node, key, problems)
            }
        }
    )*};
}
words!(Unit, Tier, AreaKind, Grade, OpenOn, CapProfile, Language, RecipientKind, Robot);

impl FromNode for Text {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, key, problems)?;
        let zh: Option<String> = fields.required("zh", problems);
        let en: Option<String> = fields.required("en", problems);
        fields.finish(problems);
        Some(Self::new(zh?, en?))
    }
}

impl FromNode for Range {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, key, problems)?;
        let low = fields.required("low", problems);
        let high = fields.required("high", problems);
        fields.finish(problems);
        Some(Self { low: low?, high: high? })
    }
}

impl FromNode for Position {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, key, problems)?;
        let x_m = fields.required("x_m", problems);
        let y_m = fields.required("y_m", problems);
        fields.finish(problems);
        Some(Self { x_m: x_m?, y_m: y_m? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::parse;
    use crate::sources::Sources;

    #[allow(clippy::needless_pass_by_value, reason = "a table of cases reads better by value")]
    fn check<T: FromNode + PartialEq + std::fmt::Debug>(text: &str, expected: Option<T>) {
        let mut sources = Sources::default();
        let mut problems = Problems::default();
        let root = parse("t", &format!("x = {text}"), &mut sources, &mut problems).unwrap();
        let got = T::from_node(root.get("x").unwrap(), "x", &mut problems);
        assert_eq!(got, expected, "{text}");
        assert_eq!(problems.count() == 0, got.is_some(), "{text}");
    }

    #[test]
    fn numbers_are_finite_and_in_range() {
        check("1", Some(1.0));
        check("-0.5", Some(-0.5));
        check::<f64>("nan", None);
        check::<f64>("inf", None);
        check::<f64>("'1'", None);
        check("247", Some(247u8));
        check::<u8>("256", None);
        check::<u16>("-1", None);
        check::<u32>("1.0", None);
    }

    #[test]
    fn seconds_become_milliseconds() {
        check("0.25", Some(Millis(250)));
        check("30", Some(Millis(30_000)));
        check::<Millis>("-1", None);
        check::<Millis>("1e9", None);
    }

    #[test]
    fn words_ids_and_texts() {
        check("'mg/m3'", Some(Unit::MilligramPerM3));
        check::<Unit>("'mg'", None);
        check("'red'", Some(Tier::Red));
        check("'tank-farm'", Some(AreaKind::TankFarm));
        check::<AreaId>("'Tank farm'", None);
        check::<String>("'  '", None);
        check("{ zh = '氯', en = 'Cl' }", Some(Text::new("氯", "Cl")));
        check::<Text>("{ zh = '氯' }", None);
        let place = Position { x_m: 1.0, y_m: 2.5 };
        check("{ x_m = 1, y_m = 2.5 }", Some(place));
        check::<Position>("{ x_m = 1 }", None);
        check::<Position>("[1, 2.5]", None);
        check::<Vec<f64>>("[1, 'a']", None);
    }
}
