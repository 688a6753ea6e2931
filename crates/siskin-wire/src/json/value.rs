//! One value of a record: its number and its unit, or why there is none. Never makes a number of
//! anything else.

use siskin_model::{Text, Unit};

use super::node::Node;
use super::path::Path;
use super::quote;
use super::status::Status;
use crate::profile::{JsonValue, unit_of};
use crate::slot::{Measured, Slot};

/// What a slot wants, and where it is.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) slot: Slot,
    pub(super) value: JsonValue,
    /// The device's word about this value alone.
    pub(super) status: Option<Status>,
    path: Path,
    fallback: Option<Path>,
    unit: Option<Path>,
}

/// What a record has for a slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'n, 'a> {
    number: Option<&'n Node<'a>>,
    /// The word about this value alone.
    pub(super) word: Option<&'n Node<'a>>,
}

impl Wanted {
    pub(super) fn new(slot: Slot, value: &JsonValue) -> Self {
        let path = |pointer: &Option<String>| pointer.as_deref().map(Path::new);
        Self {
            slot,
            value: value.clone(),
            status: value.status.as_ref().map(Status::new),
            path: Path::new(&value.pointer),
            fallback: path(&value.fallback),
            unit: path(&value.unit_pointer),
        }
    }

    pub(super) fn find<'n, 'a>(&self, record: &'n Node<'a>) -> Found<'n, 'a> {
        let fallback = || record.find(self.fallback.as_ref()?);
        let word = self.status.as_ref().and_then(|status| status.find(record));
        Found { number: record.find(&self.path).or_else(fallback), word }
    }

    /// What was `found` in `record`.
    pub(super) fn measured(
        &self,
        found: Found<'_, '_>,
        record: &Node<'_>,
    ) -> Result<Measured, Text> {
        let number = number(&self.value, found.number)?;
        Ok(Measured { number, unit: self.unit(record) })
    }

    fn unit(&self, record: &Node<'_>) -> Result<Unit, Text> {
        if let Some(unit) = self.value.unit {
            return Ok(unit);
        }
        let Some(Node::Text(word)) = self.unit.as_ref().and_then(|path| record.find(path)) else {
            let pointer = self.value.unit_pointer.as_deref().unwrap_or_default();
            return Err(Text::new(
                format!("“{pointer}”处没有单位；请让设备发送单位"),
                format!("there is no unit at `{pointer}`; hint: the device must say its unit"),
            ));
        };
        let ours = self.value.unit_words.get(word.as_ref()).copied();
        ours.or_else(|| unit_of(word)).ok_or_else(|| {
            let word = quote(word);
            Text::new(
                format!("设备上报的单位“{word}”无法识别；请在设备配置文件中的 unit_words 中列出"),
                format!(
                    "the device says the unit `{word}`, which is none of ours; \
                     hint: list it in `unit_words` of the profile"
                ),
            )
        })
    }
}

impl Found<'_, '_> {
    /// Whether the record speaks of this value at all, be it only by the code of an error.
    pub(super) const fn is_told(self) -> bool {
        self.number.is_some() || self.word.is_some()
    }
}

fn number(value: &JsonValue, found: Option<&Node<'_>>) -> Result<f64, Text> {
    let pointer = &value.pointer;
    let parsed = match found {
        None => {
            let (zh, en) = (format!("没有“{pointer}”"), format!("there is no `{pointer}`"));
            return Err(no_value(&zh, &en));
        }
        Some(Node::Null) => {
            let (zh, en) = (format!("“{pointer}”为 null"), format!("`{pointer}` is null"));
            return Err(no_value(&zh, &en));
        }
        Some(Node::Number(number)) => number.as_f64(),
        Some(Node::Text(text)) if value.numeric_strings => text.trim().parse().ok(),
        Some(_) => None,
    };
    parsed.filter(|n: &f64| n.is_finite()).ok_or_else(|| {
        let found = quote(&found.map(Node::written).unwrap_or_default());
        let (hint_zh, hint) = if value.numeric_strings {
            ("请发送数值", "send a number")
        } else {
            (
                "请发送数值而不是文本，或在设备配置文件中允许 numeric_strings",
                "send a number, not a text, or allow `numeric_strings` in the profile",
            )
        };
        Text::new(
            format!("“{pointer}”是 {found}，不是数值；{hint_zh}"),
            format!("`{pointer}` is {found}, not a number; hint: {hint}"),
        )
    })
}

fn no_value(zh: &str, en: &str) -> Text {
    Text::new(
        format!("{zh}；设备没有数值时，请在状态中说明原因"),
        format!("{en}; hint: a device without a value says why in its status"),
    )
}
