//! What the last birth certificate of a node or device said of its metrics.

use std::collections::BTreeMap;

use super::payload::{Metric, Payload};

/// The property that names the unit: Ignition's word, which the standard shows in its examples and
/// does not fix [unverified beyond that].
const UNIT_KEY: &str = "engUnit";

/// One metric as it was born.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) datatype: u32,
    /// What the node calls its unit; empty is none.
    pub(super) unit: Option<String>,
}

/// The metrics of one birth certificate.
#[derive(Debug, Clone, Default)]
pub(super) struct Births {
    known: BTreeMap<String, Known>,
    aliases: BTreeMap<u64, String>,
    /// A message may have been missed since: aliases may mean something else by now.
    pub(super) doubted: bool,
}

/// A metric of data and what was born under its name.
#[derive(Debug)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
    pub(super) known: &'a Known,
    /// Whether only an alias says which metric it is, and a birth may have been missed.
    pub(super) doubted: bool,
}

impl Births {
    pub(super) fn read(payload: &Payload) -> Self {
        let mut births = Self::default();
        for metric in &payload.metrics {
            let Some(name) = &metric.name else { continue };
            let (datatype, unit) = (metric.datatype.unwrap_or(0), unit_said(metric));
            births.known.insert(name.clone(), Known { datatype, unit });
            if let Some(alias) = metric.alias {
                births.aliases.insert(alias, name.clone());
            }
        }
        births
    }

    /// The metric by its name, or by its alias where it has none.
    pub(super) fn name(&self, metric: &Metric) -> Option<Named<'_>> {
        let stated = metric.name.as_deref().filter(|name| !name.is_empty());
        let name = match stated {
            Some(name) => name,
            None => self.aliases.get(&metric.alias?)?.as_str(),
        };
        let (name, known) = self.known.get_key_value(name)?;
        Some(Named { name, known, doubted: self.doubted && stated.is_none() })
    }

    /// Properties that changed since the birth.
    pub(super) fn learn(&mut self, payload: &Payload) {
        for metric in &payload.metrics {
            let Some(unit) = unit_said(metric) else { continue };
            let Some(name) = self.name(metric).map(|named| named.name.to_owned()) else { continue };
            if let Some(known) = self.known.get_mut(&name) {
                known.unit = Some(unit);
            }
        }
    }
}

fn unit_said(metric: &Metric) -> Option<String> {
    let said = metric.property(UNIT_KEY)?.text.clone()?;
    Some(said).filter(|unit| !unit.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{birth, by_alias, by_name, payload, with_unit};
    use super::*;

    #[test]
    fn metrics_are_known_by_name_and_alias() {
        let births = Births::read(&payload(0, vec![birth("gas", 7, 9, 0.5)]));
        let name = |metric: Metric| births.name(&metric).map(|named| named.name.to_owned());
        assert_eq!(name(by_alias(7, 1.0)).as_deref(), Some("gas"));
        assert_eq!(name(by_name("gas", 1.0)).as_deref(), Some("gas"));
        assert_eq!(name(by_alias(8, 1.0)), None);
        assert_eq!(name(by_name("other", 1.0)), None);
        assert_eq!(name(Metric::default()), None);
    }

    #[test]
    fn only_an_alias_is_doubted_after_a_gap() {
        let mut births = Births::read(&payload(0, vec![birth("gas", 7, 9, 0.5)]));
        births.doubted = true;
        assert!(births.name(&by_alias(7, 1.0)).unwrap().doubted);
        assert!(!births.name(&by_name("gas", 1.0)).unwrap().doubted);
    }

    #[test]
    fn a_unit_that_changes_in_data_is_learned() {
        let mut births = Births::read(&payload(0, vec![with_unit(birth("gas", 7, 9, 0.5), "ppm")]));
        births.learn(&payload(1, vec![with_unit(by_alias(7, 1.0), "mg/m3")]));
        births.learn(&payload(2, vec![with_unit(by_alias(7, 1.0), " ")]));
        let unit = births.name(&by_alias(7, 1.0)).unwrap().known.unit.clone();
        assert_eq!(unit.as_deref(), Some("mg/m3"));
    }
}
