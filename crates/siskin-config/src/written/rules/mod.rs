//! `rules/*.toml` as written: `[[rule]]`. The words are those of ISA-18.2.
//!
//! Which keys a kind has stands in [`Shape`]; a key that belongs to another kind is refused with
//! the keys of this one. Read next: `kinds` (what each looks at), `when` (boolean conditions).

mod kinds;
mod parts;
mod scope;
pub(crate) mod when;

use siskin_model::{RuleId, Text, Tier, Unit};

pub(crate) use self::kinds::WrittenKind;
pub(crate) use self::parts::{
    WrittenBaseline, WrittenContrast, WrittenPoint, WrittenRecent, WrittenWind,
};
pub(crate) use self::scope::Scope;
use crate::fields::{Fields, tables};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::suggest;
use crate::values::Millis;

/// What the alarms of a kind speak about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// The gas: such a rule may have a tier.
    Gas,
    /// The device: such a rule never has one.
    Equipment,
}

/// The keys of a kind.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) about: About,
    /// Keys that only some kinds have.
    pub(crate) own: &'static [&'static str],
    /// Keys that many kinds share.
    pub(crate) shared: &'static [&'static str],
}

const LIMITS_AND_DELAYS: &[&str] = &["unit", "on_delay_s", "off_delay_s", "gap_s"];
const DELAYS: &[&str] = &["on_delay_s", "off_delay_s", "gap_s"];
const NEITHER: &[&str] = &[];

/// Every kind of rule.
pub(crate) const SHAPES: [Shape; 14] = [
    gas("threshold", &["raise_at", "clear_below", "clear_above"], LIMITS_AND_DELAYS),
    gas("window-mean", &["window_s", "samples_min", "raise_at", "clear_below"], LIMITS_AND_DELAYS),
    gas(
        "rate-of-rise",
        &["window_s", "samples_min", "raise_per_min", "clear_per_min"],
        LIMITS_AND_DELAYS,
    ),
    gas(
        "trend",
        &["method", "window_s", "samples_min", "target", "horizon_s", "significance"],
        LIMITS_AND_DELAYS,
    ),
    gas("baseline", kinds::RISE_KEYS, LIMITS_AND_DELAYS),
    gas("cusum", kinds::CUSUM_KEYS, LIMITS_AND_DELAYS),
    gas(
        "contrast",
        &[
            "span",
            "step_s",
            "baseline_window_s",
            "steps_min",
            "mean_steps",
            "own",
            "group",
            "raise_at",
            "clear_below",
        ],
        LIMITS_AND_DELAYS,
    ),
    gas("dose", &["points", "exponent", "raise_at", "clear_below"], LIMITS_AND_DELAYS),
    gas("vote", &["of", "needs", "span", "within_m", "memory_s", "wind"], DELAYS),
    gas("boolean", &["when"], DELAYS),
    equipment("no-data", &["all", "after_s"], NEITHER),
    equipment("stuck", &["all", "after_s", "tolerance", "ignore_to"], LIMITS_AND_DELAYS),
    equipment("jump", &["all", "by", "within_s"], LIMITS_AND_DELAYS),
    equipment("out-of-range", &["all"], DELAYS),
];

const fn gas(
    name: &'static str,
    own: &'static [&'static str],
    shared: &'static [&'static str],
) -> Shape {
    Shape { name, about: About::Gas, own, shared }
}

const fn equipment(
    name: &'static str,
    own: &'static [&'static str],
    shared: &'static [&'static str],
) -> Shape {
    Shape { name, about: About::Equipment, own, shared }
}

/// One `[[rule]]`.
#[derive(Debug, Clone)]
pub(crate) struct WrittenRule {
    pub(crate) place: Place,
    pub(crate) id: At<RuleId>,
    pub(crate) name: Text,
    pub(crate) about: About,
    pub(crate) kind: WrittenKind,
    pub(crate) scope: Scope,
    pub(crate) tier: Option<At<Tier>>,
    /// None only for kinds without limits.
    pub(crate) unit: Option<At<Unit>>,
    /// None only for no-data rules.
    pub(crate) delays: Option<Delays>,
    pub(crate) source: String,
    /// The rule whose alarm keeps this one's from people.
    pub(crate) suppressed_by: Option<At<RuleId>>,
    /// The bundled rule set it came from; none for the site's own rules.
    pub(crate) set: Option<String>,
}

/// How long a condition must hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delays {
    pub(crate) on: At<Millis>,
    pub(crate) off: At<Millis>,
    pub(crate) gap: Option<At<Millis>>,
}

/// Reads every rule; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenRule> {
    let found = tables(root, file, "rule", problems);
    found.into_iter().filter_map(|n| one(n, problems)).collect()
}

/// Reads one `[[rule]]`.
pub(crate) fn one(node: &Node, problems: &mut Problems) -> Option<WrittenRule> {
    let mut fields = Fields::of(node, "[[rule]]", problems)?;
    let id = fields.required("id", problems);
    let name = fields.required("name", problems);
    let source = fields.required("source", problems);
    let word: Option<At<String>> = fields.required("kind", problems);
    // Without its kind nobody can say which keys a rule must have.
    let shape = known_kind(&word?, problems)?;
    let scope = scope::read(&mut fields, shape, problems);
    let kind = kinds::read(&mut fields, shape.name, problems);
    let tier = tier(&mut fields, shape, problems);
    let has = |key: &str| shape.shared.contains(&key);
    let unit = if has("unit") { fields.required("unit", problems).map(Some) } else { Some(None) };
    let delays = if has("gap_s") { delays(&mut fields, problems).map(Some) } else { Some(None) };
    let suppressed_by = match shape.about {
        About::Gas => fields.optional("suppressed_by", problems),
        About::Equipment => None,
    };
    let place = fields.place();
    fields.finish_with(problems, |key| explain(key, shape));
    Some(WrittenRule {
        place,
        id: id?,
        name: name?,
        about: shape.about,
        kind: kind?,
        scope: scope?,
        tier: tier?,
        unit: unit?,
        delays: delays?,
        source: source?,
        suppressed_by,
        set: None,
    })
}

fn known_kind(word: &At<String>, problems: &mut Problems) -> Option<&'static Shape> {
    let found = SHAPES.iter().find(|shape| shape.name == word.value);
    if found.is_none() {
        let message = format!("`kind` cannot be `{}`", word.value);
        let hint = suggest::hint(&word.value, "kinds", SHAPES.iter().map(|shape| shape.name));
        problems.add(Draft::new(message, hint).at(word.place, "not a kind of rule"));
    }
    found
}

/// The tier, where the kind can have one; none outside where it is written wrongly.
#[expect(clippy::option_option, reason = "wrong and absent are two different things")]
fn tier(
    fields: &mut Fields<'_>,
    shape: &Shape,
    problems: &mut Problems,
) -> Option<Option<At<Tier>>> {
    if shape.about == About::Equipment || !fields.has("tier") {
        return Some(None);
    }
    fields.required("tier", problems).map(Some)
}

fn delays(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Delays> {
    let at_once = At { value: Millis(0), place: fields.place() };
    let on = fields.or("on_delay_s", at_once, problems);
    let off = fields.or("off_delay_s", at_once, problems);
    let gap = fields.optional("gap_s", problems);
    Some(Delays { on: on?, off: off?, gap })
}

/// Why a key that other kinds of rules have is refused here.
fn explain(key: &str, shape: &Shape) -> Option<(String, String)> {
    let name = shape.name;
    let article = if name.starts_with('o') { "an" } else { "a" };
    if key == "tier" {
        let reason = if name == "no-data" {
            "silence says nothing about the gas"
        } else {
            "it speaks about the device, not about the gas"
        };
        let message = format!("{article} `{name}` rule has no tier: {reason}");
        return Some((message, "take `tier` out".to_owned()));
    }
    let of_others =
        SHAPES.iter().any(|other| other.own.contains(&key) || other.shared.contains(&key));
    of_others.then(|| {
        let message = format!("{article} `{name}` rule does not use `{key}`");
        let keys: Vec<String> = shape.own.iter().map(|key| format!("`{key}`")).collect();
        (message, format!("its own keys are {}", keys.join(", ")))
    })
}
