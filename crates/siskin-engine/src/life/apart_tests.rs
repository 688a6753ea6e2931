//! Channels of one warning that run apart: a device, or a gateway, is behind the others.
//!
//! What time alone does to a warning waits for all of its channels (`engine/pace.rs`), but an edge
//! waits for nobody, and what was due before it happens first. So rows in their order of event time
//! may say something else than the station did, which heard them as they came: it may call once
//! more. It keeps no alarm from people for that, and waits with none.

use siskin_model::{
    Acknowledgement, Alarm, AlarmKind, AreaId, ChannelId, Edge, GasId, LifePolicy, RuleId, Tier,
    Timestamp, Unit,
};

use super::{Act, Acting, WarningBook};
use crate::engine::Effects;

/// Second of event time, edge, tier and channel.
type Step = (i64, Edge, Tier, &'static str);

/// Orange is acknowledged after the first step; what is told, and whether it stands acknowledged.
fn check(steps: &[Step], told: &[&str], acknowledged: bool) {
    let policy =
        LifePolicy { lower_after_ms: 20_000, latched: Vec::new(), ..LifePolicy::default() };
    let mut book = WarningBook::new(&policy, &Tier::ALL);
    let (area, gas) = (AreaId::new("tank-farm").unwrap(), GasId::new("chlorine").unwrap());
    let mut effects = Effects::default();
    for (place, (at_s, edge, tier, channel)) in steps.iter().enumerate() {
        let at = Timestamp::from_millis(at_s * 1000);
        let alarm = Alarm {
            rule: RuleId::new(tier.as_str()).unwrap(),
            channel: ChannelId::new(channel).unwrap(),
            kind: AlarmKind::Gas,
            tier: Some(*tier),
            since: at,
            value: Some(1.0),
            limit: Some(1.0),
            unit: Unit::Ppm,
            forecast: None,
        };
        match edge {
            Edge::Raise => book.began(at, (&area, &gas), (&alarm, *tier), None, &mut effects),
            Edge::Clear => book.ended(at, &alarm, &mut effects),
        }
        if place == 0 {
            let id = book.open().next().unwrap().id.clone();
            let who = Acting { by: "王芳".to_owned(), note: String::new(), at };
            book.act(&Act::Acknowledge(id, None, String::new()), &who, &mut effects).unwrap();
        }
    }
    let event = |event: &siskin_model::WarningEvent| {
        format!(
            "{} {:?} {}",
            event.at.as_millis() / 1000,
            event.change,
            event.warning.tier.as_str()
        )
    };
    assert_eq!(effects.warnings.iter().map(event).collect::<Vec<_>>(), told);
    let warning = book.open().next().unwrap();
    assert_eq!(warning.tier, Tier::Orange, "the highest active alarm");
    let by: Option<&Acknowledgement> = warning.acknowledged.as_ref();
    assert_eq!(by.is_some(), acknowledged);
}

const FIRST: Step = (0, Edge::Raise, Tier::Orange, "quick");
const LESS: Step = (10, Edge::Raise, Tier::Yellow, "quick");
const FALLING: Step = (12, Edge::Clear, Tier::Orange, "quick");
const SLOW: Step = (30, Edge::Raise, Tier::Orange, "slow");
const GONE: Step = (40, Edge::Clear, Tier::Yellow, "quick");

#[test]
fn in_order_of_event_time_the_second_alarm_joins_the_warning() {
    let told = ["0 Raised orange", "0 Acknowledged orange", "10 Updated orange"];
    let told =
        [&told[..], &["12 Updated orange", "30 Updated orange", "40 Updated orange"]].concat();
    check(&[FIRST, LESS, FALLING, SLOW, GONE], &told, true);
}

#[test]
fn a_channel_that_is_behind_calls_once_more() {
    let told = ["0 Raised orange", "0 Acknowledged orange", "10 Updated orange"];
    let more =
        ["12 Updated orange", "32 Deescalated yellow", "40 Closed yellow", "30 Raised orange"];
    check(&[FIRST, LESS, FALLING, GONE, SLOW], &[&told[..], &more].concat(), false);
}
