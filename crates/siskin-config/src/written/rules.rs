//! `rules/*.toml` as written: `[[rule]]`. The words are those of ISA-18.2.

use siskin_model::{AreaId, ChannelId, GasId, RuleId, Text, Tier, Unit};

use super::setpoint::SetPoint;
use crate::fields::{Fields, tables};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::{At, Place};
use crate::suggest;
use crate::values::Millis;

/// The kinds of rules as written, each with the keys that only some kinds have.
const KINDS: [(&str, &[&str]); 4] = [
    ("threshold", &["raise_at", "clear_below"]),
    ("window-mean", &["window_s", "samples_min", "raise_at", "clear_below"]),
    ("trend", &["window_s", "samples_min", "target", "horizon_s", "significance"]),
    ("no-data", &["all", "after_s"]),
];
/// Keys that every kind but `no-data` has.
const GAS_KEYS: [&str; 5] = ["tier", "unit", "on_delay_s", "off_delay_s", "gap_s"];

/// What a rule looks at, as written.
#[derive(Debug, Clone)]
pub(crate) enum WrittenKind {
    Threshold {
        raise_at: At<SetPoint>,
        clear_below: At<SetPoint>,
    },
    WindowMean {
        window: At<Millis>,
        samples_min: At<u32>,
        raise_at: At<SetPoint>,
        clear_below: At<SetPoint>,
    },
    Trend {
        window: At<Millis>,
        samples_min: At<u32>,
        target: At<SetPoint>,
        horizon: At<Millis>,
        significance: At<f64>,
    },
    NoData {
        after: At<Millis>,
    },
}

/// Which channels a rule judges: all named conditions together, every channel where none is named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub(crate) gas: Option<At<GasId>>,
    pub(crate) areas: Option<Vec<At<AreaId>>>,
    pub(crate) channels: Option<Vec<At<ChannelId>>>,
}

/// One `[[rule]]`.
#[derive(Debug, Clone)]
pub(crate) struct WrittenRule {
    pub(crate) place: Place,
    pub(crate) id: At<RuleId>,
    pub(crate) name: Text,
    pub(crate) kind: WrittenKind,
    pub(crate) scope: Scope,
    /// None only for rules without a tier.
    pub(crate) gas_part: Option<GasPart>,
    pub(crate) source: String,
}

/// What only rules about gas have.
#[derive(Debug, Clone)]
pub(crate) struct GasPart {
    pub(crate) tier: At<Tier>,
    pub(crate) unit: At<Unit>,
    pub(crate) on_delay: At<Millis>,
    pub(crate) off_delay: At<Millis>,
    pub(crate) gap: Option<At<Millis>>,
}

/// Reads every rule; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenRule> {
    let found = tables(root, file, "rule", problems);
    found.into_iter().filter_map(|n| one(n, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenRule> {
    let mut fields = Fields::of(node, "[[rule]]", problems)?;
    let id = fields.required("id", problems);
    let name = fields.required("name", problems);
    let source = fields.required("source", problems);
    let word: Option<At<String>> = fields.required("kind", problems);
    // Without its kind nobody can say which keys a rule must have.
    let word = known_kind(word?, problems)?;
    let scope = scope(&mut fields, &word, problems);
    let kind = kind(&mut fields, &word, problems);
    let gas_part =
        if word == "no-data" { Some(None) } else { gas_part(&mut fields, problems).map(Some) };
    let place = fields.place();
    fields.finish_with(problems, |key| explain(key, &word));
    Some(WrittenRule {
        place,
        id: id?,
        name: name?,
        kind: kind?,
        scope: scope?,
        gas_part: gas_part?,
        source: source?,
    })
}

fn known_kind(word: At<String>, problems: &mut Problems) -> Option<String> {
    if KINDS.iter().any(|(name, _)| *name == word.value) {
        return Some(word.value);
    }
    let message = format!("`kind` cannot be `{}`", word.value);
    let hint = suggest::hint(&word.value, "kinds", KINDS.iter().map(|(name, _)| *name));
    problems.add(Draft::new(message, hint).at(word.place, "not a kind of rule"));
    None
}

fn kind(fields: &mut Fields<'_>, word: &str, problems: &mut Problems) -> Option<WrittenKind> {
    match word {
        "threshold" => {
            let raise_at = fields.required("raise_at", problems);
            let clear_below = fields.required("clear_below", problems);
            Some(WrittenKind::Threshold { raise_at: raise_at?, clear_below: clear_below? })
        }
        "window-mean" => {
            let window = fields.required("window_s", problems);
            let samples_min = fields.required("samples_min", problems);
            let raise_at = fields.required("raise_at", problems);
            let clear_below = fields.required("clear_below", problems);
            Some(WrittenKind::WindowMean {
                window: window?,
                samples_min: samples_min?,
                raise_at: raise_at?,
                clear_below: clear_below?,
            })
        }
        "trend" => {
            let window = fields.required("window_s", problems);
            let samples_min = fields.required("samples_min", problems);
            let target = fields.required("target", problems);
            let horizon = fields.required("horizon_s", problems);
            let significance = fields.required("significance", problems);
            Some(WrittenKind::Trend {
                window: window?,
                samples_min: samples_min?,
                target: target?,
                horizon: horizon?,
                significance: significance?,
            })
        }
        _ => {
            let after = fields.required("after_s", problems);
            Some(WrittenKind::NoData { after: after? })
        }
    }
}

fn gas_part(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<GasPart> {
    let tier = fields.required("tier", problems);
    let unit = fields.required("unit", problems);
    let at_once = At { value: Millis(0), place: fields.place() };
    let on_delay = fields.or("on_delay_s", at_once, problems);
    let off_delay = fields.or("off_delay_s", at_once, problems);
    let gap = fields.optional("gap_s", problems);
    Some(GasPart { tier: tier?, unit: unit?, on_delay: on_delay?, off_delay: off_delay?, gap })
}

fn scope(fields: &mut Fields<'_>, word: &str, problems: &mut Problems) -> Option<Scope> {
    let has = |key: &str| fields.has(key);
    let (has_gas, has_areas, has_channels) = (has("gas"), has("areas"), has("channels"));
    let gas = fields.optional("gas", problems);
    let areas = fields.optional("areas", problems);
    let channels = fields.optional("channels", problems);
    let all = if word == "no-data" { fields.or("all", false, problems)? } else { false };
    let wrong = (has_gas && gas.is_none())
        || (has_areas && areas.is_none())
        || (has_channels && channels.is_none());
    let hint = match word {
        "no-data" => "write `all = true`, or `gas = …`, `areas = […]` or `channels = […]`",
        _ => {
            "write `gas = \"chlorine\"`, with `areas = […]` for some areas only, or \
              `channels = […]`"
        }
    };
    let enough = all || has_gas || has_channels || (has_areas && word == "no-data");
    let too_much = (all && (has_gas || has_areas || has_channels)) || (has_areas && has_channels);
    if !enough || too_much {
        let message = if too_much {
            "a rule says in two ways which channels it judges"
        } else {
            "a rule does not say which channels it judges"
        };
        problems.add(Draft::new(message, hint).at(fields.place(), "which channels"));
        return None;
    }
    (!wrong).then_some(Scope { gas, areas, channels })
}

/// Why a key that other kinds of rules have is refused here.
fn explain(key: &str, word: &str) -> Option<(String, String)> {
    if word == "no-data" && key == "tier" {
        let message = "a `no-data` rule has no tier: silence says nothing about the gas".to_owned();
        return Some((message, "take `tier` out".to_owned()));
    }
    let of_others = KINDS.iter().any(|(_, keys)| keys.contains(&key)) || GAS_KEYS.contains(&key);
    let own = KINDS.iter().find(|(name, _)| *name == word)?.1;
    of_others.then(|| {
        let message = format!("a `{word}` rule does not use `{key}`");
        let keys: Vec<String> = own.iter().map(|key| format!("`{key}`")).collect();
        (message, format!("its own keys are {}", keys.join(", ")))
    })
}
