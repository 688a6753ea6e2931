//! The filter of the record of alarms, from the words of a query.

use std::fmt::Display;

use siskin_model::{AreaId, AreaScope, ChannelId, GasId, RuleId, Timestamp};

use crate::contract::{AlarmExportQuery, AlarmRecordsQuery, TierView, WarningStateView};
use crate::intake::IntakeFault;

/// The longest text that is searched for, in characters.
const TEXT_MAX: usize = 100;
/// The most words of one list.
const LIST_MAX: usize = 500;
/// The word for alarms without a tier.
const EQUIPMENT: &str = "equipment";

/// Which alarms are asked for; what is none does not filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlarmsAsked {
    /// In these states.
    pub states: Option<Vec<WarningStateView>>,
    /// Of these tiers; none in it: alarms about equipment.
    pub tiers: Option<Vec<Option<TierView>>>,
    /// Of these gases.
    pub gases: Option<Vec<GasId>>,
    /// In these areas.
    pub areas: Option<Vec<AreaId>>,
    /// On these channels.
    pub channels: Option<Vec<ChannelId>>,
    /// Of these rules.
    pub rules: Option<Vec<RuleId>>,
    /// Active at this moment or later.
    pub from: Option<Timestamp>,
    /// Begun before.
    pub to: Option<Timestamp>,
    /// With this in one of their words.
    pub text: Option<String>,
}

impl AlarmsAsked {
    /// The filter of a query of the table.
    pub(crate) fn of(query: &AlarmRecordsQuery) -> Result<Self, IntakeFault> {
        let text = query.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if text.is_some_and(|text| text.chars().count() > TEXT_MAX) {
            let why = format!("text: longer than {TEXT_MAX} characters");
            return Err(IntakeFault::query(why));
        }
        if let (Some(from_ms), Some(to_ms)) = (query.from_ms, query.to_ms)
            && from_ms >= to_ms
        {
            return Err(IntakeFault::query("to_ms: must be later than from_ms"));
        }
        let moment = |ms: Option<i64>| ms.map(Timestamp::from_millis);
        Ok(Self {
            states: list("state", query.state.as_deref(), word)?,
            tiers: list("tier", query.tier.as_deref(), |text| {
                if text == EQUIPMENT { Ok(None) } else { word(text).map(Some) }
            })?,
            gases: list("gas", query.gas.as_deref(), |text| id(GasId::new(text)))?,
            areas: list("area", query.area.as_deref(), |text| id(AreaId::new(text)))?,
            channels: list("channel", query.channel.as_deref(), |text| id(ChannelId::new(text)))?,
            rules: list("rule", query.rule.as_deref(), |text| id(RuleId::new(text)))?,
            from: moment(query.from_ms),
            to: moment(query.to_ms),
            text: text.map(str::to_lowercase),
        })
    }

    /// The filter of an export.
    pub(crate) fn of_export(query: AlarmExportQuery) -> Result<Self, IntakeFault> {
        let AlarmExportQuery {
            state, tier, gas, area, channel, rule, from_ms, to_ms, text, ..
        } = query;
        Self::of(&AlarmRecordsQuery {
            state,
            tier,
            gas,
            area,
            channel,
            rule,
            from_ms,
            to_ms,
            text,
            ..AlarmRecordsQuery::default()
        })
    }

    /// The same, but in these areas only.
    pub(crate) fn within(mut self, own: &AreaScope) -> Self {
        if let AreaScope::Some(own) = own {
            let mut areas = self.areas.unwrap_or_else(|| own.iter().cloned().collect());
            areas.retain(|area| own.contains(area));
            self.areas = Some(areas);
        }
        self
    }

    /// Whether what is over is asked for too.
    pub fn has_history(&self) -> bool {
        let states = self.states.as_ref();
        states.is_none_or(|states| states.contains(&WarningStateView::Normal))
    }
}

/// A list with commas; none where nothing is given. An empty one is a mistake, not "all".
fn list<T>(
    name: &str,
    text: Option<&str>,
    one: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<Vec<T>>, IntakeFault> {
    let Some(text) = text else { return Ok(None) };
    let words: Vec<&str> = text.split(',').map(str::trim).collect();
    if words.len() > LIST_MAX {
        return Err(IntakeFault::query(format!("{name}: more than {LIST_MAX} in the list")));
    }
    let all = words.into_iter().map(one).collect::<Result<Vec<T>, String>>();
    all.map(Some).map_err(|why| IntakeFault::query(format!("{name}: {why}")))
}

fn word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let quoted = serde_json::Value::String(text.to_owned());
    serde_json::from_value(quoted).map_err(|error| error.to_string())
}

fn id<T>(id: Result<T, impl Display>) -> Result<T, String> {
    id.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(change: impl Fn(&mut AlarmRecordsQuery)) -> Result<AlarmsAsked, IntakeFault> {
        let mut query = AlarmRecordsQuery::default();
        change(&mut query);
        AlarmsAsked::of(&query)
    }

    #[test]
    fn words_become_a_filter() {
        let all = query(|_| ()).unwrap();
        assert_eq!(all, AlarmsAsked::default());
        assert!(all.has_history());
        let one = query(|query| {
            query.state = Some("shelved, returned-unacknowledged".to_owned());
            query.tier = Some("red,equipment".to_owned());
            query.area = Some("tank-farm".to_owned());
            query.text = Some("  罐区 CL2 ".to_owned());
        });
        let one = one.unwrap();
        let states = [WarningStateView::Shelved, WarningStateView::ReturnedUnacknowledged];
        assert_eq!(one.states.as_deref(), Some(&states[..]));
        assert_eq!(one.tiers, Some(vec![Some(TierView::Red), None]));
        assert_eq!(one.text.as_deref(), Some("罐区 cl2"));
        assert!(!one.has_history());
    }

    #[test]
    fn who_sees_some_areas_asks_within_them() {
        #[track_caller]
        fn check(asked: Option<&str>, own: &[&str], expected: Option<&[&str]>) {
            let asked = query(|query| query.area = asked.map(str::to_owned)).unwrap();
            let id = |id: &&str| AreaId::new(id).unwrap();
            let scope = match own {
                [] => AreaScope::All,
                own => AreaScope::Some(own.iter().map(id).collect()),
            };
            let expected = expected.map(|ids| ids.iter().map(id).collect::<Vec<_>>());
            assert_eq!(asked.within(&scope).areas, expected);
        }
        check(None, &[], None);
        check(None, &["yard"], Some(&["yard"]));
        check(Some("jetty,yard"), &["yard"], Some(&["yard"]));
        check(Some("jetty"), &["yard"], Some(&[]));
    }

    #[test]
    fn what_is_no_filter_names_its_parameter() {
        #[track_caller]
        fn check(change: impl Fn(&mut AlarmRecordsQuery), named: &str) {
            let fault = query(change).unwrap_err().to_string();
            assert!(fault.contains(named), "{fault}");
        }
        check(|query| query.state = Some("gone".to_owned()), "state: ");
        check(|query| query.state = Some(String::new()), "state: ");
        check(|query| query.tier = Some("red,,blue".to_owned()), "tier: ");
        check(|query| query.gas = Some("a b".to_owned()), "gas: ");
        check(|query| query.rule = Some("a,".repeat(501)), "rule: ");
        check(|query| query.text = Some("气".repeat(101)), "text: ");
        let backwards = |query: &mut AlarmRecordsQuery| {
            (query.from_ms, query.to_ms) = (Some(5), Some(5));
        };
        check(backwards, "to_ms: ");
    }
}
