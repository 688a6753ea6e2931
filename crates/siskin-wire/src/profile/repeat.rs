//! Points, rules and groups that repeat: one line for each of the channels of a controller.
//!
//! `{n}` in a name stands for the number. Points are spread out while a profile is read, rules and
//! groups when they are used, so that a problem still names the line it was written in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{DeviceProfile, Point, ValidityRule};

/// What stands for the number in a name.
pub(super) const NUMBER: &str = "{n}";
/// The most channels of one device (an IGD TOC-635 has up to 999).
const COUNT_MAX: u16 = 1_024;
/// The most points of one profile, repeats counted one by one.
const POINTS_MAX: usize = 8_192;

/// How often a point repeats, and how far apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// How many there are.
    pub count: u16,
    /// Registers (or bits) from one to the next.
    pub stride: u16,
    /// The number of the first.
    #[serde(default = "one")]
    pub from: u16,
}

fn one() -> u16 {
    1
}

/// Which one of a repeated point a point is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instance {
    pub(crate) template: String,
    pub(crate) n: u16,
}

fn numbered(text: &str, n: u16) -> String {
    text.replace(NUMBER, &n.to_string())
}

/// Reads the points and spreads the repeated ones out.
pub(super) fn points<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Arc<Point>>, D::Error> {
    let written = BTreeMap::<String, Point>::deserialize(deserializer)?;
    let mut points = BTreeMap::new();
    for (name, point) in written {
        for (name, point) in spread(&name, point).map_err(D::Error::custom)? {
            if points.len() >= POINTS_MAX {
                let message = format!("more than {POINTS_MAX} points; hint: lower the counts");
                return Err(D::Error::custom(message));
            }
            if points.insert(name.clone(), Arc::new(point)).is_some() {
                let message = format!("point `{name}` is there twice; hint: rename one");
                return Err(D::Error::custom(message));
            }
        }
    }
    Ok(points)
}

fn spread(name: &str, point: Point) -> Result<Vec<(String, Point)>, String> {
    let Some(repeat) = point.repeat else {
        return if name.contains(NUMBER) {
            Err(format!(
                "point `{name}` does not say how often it repeats; \
                 hint: add `repeat = {{ count = 4, stride = 14 }}`"
            ))
        } else {
            Ok(vec![(name.to_owned(), point)])
        };
    };
    if !name.contains(NUMBER) {
        let hint = format!("hint: call it `{name}-{NUMBER}`");
        return Err(format!("the name of the repeated point `{name}` has no number; {hint}"));
    }
    if !(1..=COUNT_MAX).contains(&repeat.count) || repeat.stride == 0 {
        let hint = format!("hint: use a count of 1 to {COUNT_MAX} and a stride of at least 1");
        return Err(format!("point `{name}` repeats {repeat:?}; {hint}"));
    }
    (0..repeat.count).map(|step| one_of(name, &point, repeat, step)).collect()
}

fn one_of(name: &str, point: &Point, repeat: Repeat, step: u16) -> Result<(String, Point), String> {
    let place = || {
        let addr = step.checked_mul(repeat.stride)?.checked_add(point.addr)?;
        Some((addr, step.checked_add(repeat.from)?))
    };
    let (addr, n) = place().ok_or_else(|| {
        format!("the repeats of point `{name}` end beyond 65535; hint: compare count and stride")
    })?;
    let companion = |name: &Option<String>| name.as_deref().map(|name| numbered(name, n));
    let point = Point {
        addr,
        manual_ref: numbered(&point.manual_ref, n),
        unit_from: companion(&point.unit_from),
        scale_point: companion(&point.scale_point),
        sign_point: companion(&point.sign_point),
        repeat: None,
        instance: Some(Instance { template: name.to_owned(), n }),
        ..point.clone()
    };
    Ok((numbered(name, n), point))
}

impl DeviceProfile {
    /// The validity rules, repeated ones spread out, each with its place in the file.
    pub(crate) fn rules(&self) -> Vec<(usize, Arc<ValidityRule>)> {
        let spread = self.validity.iter().enumerate().flat_map(|(place, rule)| {
            let rules = self.numbers(rule.when.keys().chain(&rule.values));
            let one = move |n: Option<u16>| match n {
                // A state of a channel that has no value says nothing; without values the rule
                // would speak for all of them.
                Some(n) => {
                    Some(self.rule(rule, n)).filter(|rule| !rule.values.is_empty()).map(Arc::new)
                }
                None => Some(Arc::clone(rule)),
            };
            rules.into_iter().filter_map(move |n| Some((place, one(n)?)))
        });
        spread.collect()
    }

    /// The atomic groups, repeated ones spread out, each with its place in the file.
    pub(crate) fn groups(&self) -> Vec<(usize, Vec<String>)> {
        let spread = self.atomic.iter().enumerate().flat_map(|(place, group)| {
            let one = |n: Option<u16>| match n {
                Some(n) => group.iter().map(|name| numbered(name, n)).collect(),
                None => group.clone(),
            };
            self.numbers(group.iter()).into_iter().map(move |n| (place, one(n)))
        });
        spread.collect()
    }

    /// The numbers for which `names` stand; `None` once where they do not repeat.
    fn numbers<'a>(&self, names: impl Iterator<Item = &'a String>) -> Vec<Option<u16>> {
        let templates: BTreeSet<&String> = names.filter(|name| name.contains(NUMBER)).collect();
        let instances = self.points.values().filter_map(|point| point.instance.as_ref());
        let known = instances.filter(|instance| templates.contains(&instance.template));
        let numbers: BTreeSet<u16> = known.map(|instance| instance.n).collect();
        if numbers.is_empty() { vec![None] } else { numbers.into_iter().map(Some).collect() }
    }

    fn rule(&self, rule: &ValidityRule, n: u16) -> ValidityRule {
        let when = rule.when.iter();
        let values = if rule.values.is_empty() {
            // Said of channel 2, a state is no word about channel 1.
            let same = |point: &Point| point.instance.as_ref().is_some_and(|i| i.n == n);
            let values = self.points.iter().filter(|(_, point)| point.is_value() && same(point));
            values.map(|(name, _)| name.clone()).collect()
        } else {
            rule.values.iter().map(|name| numbered(name, n)).collect()
        };
        ValidityRule {
            when: when.map(|(name, words)| (numbered(name, n), words.clone())).collect(),
            quality: rule.quality,
            values,
        }
    }
}
