//! The words of Siskin: gases, units, ids, readings, quality, tiers, alarms, warnings, sites.
//!
//! Ring 0: uses nothing of ours and does no IO, reads no clock, makes no random number. One word
//! means one thing here and everywhere above. Carries invariant 9 in [`quality`]: what a quality
//! may do to an alarm is decided in one place.

pub mod alarm;
pub mod correction;
pub mod drill;
pub mod due;
pub mod duty;
pub mod equipment;
pub mod flood;
pub mod gas;
pub mod health;
pub mod hold;
pub mod id;
pub mod incident;
pub mod life;
pub mod maintenance;
pub mod notify;
pub mod origin;
pub mod person;
pub mod quality;
pub mod reading;
pub mod retention;
pub mod site;
pub mod text;
pub mod tier;
pub mod time;
pub mod unit;
pub mod uplink;
pub mod warning;

pub use alarm::{Alarm, AlarmEvent, AlarmKind, Edge, Forecast};
pub use correction::{Correction, CorrectionChange};
pub use drill::{
    DRILL_MS_MAX, Drill, DrillEnd, DrillEndReason, DrillId, DrilledChannel, NewDrill, Scenario,
};
pub use equipment::{Equipment, EquipmentEvent};
pub use flood::{FloodChange, FloodEvent};
pub use gas::{Gas, Limit, Toxicity};
pub use health::{AnalyzerHealth, LinkState};
pub use hold::{Ended, Hold, HoldEnd, HoldKind, Subject};
pub use id::{
    AnalyzerId, AreaId, ChannelId, ChannelIndex, ContactId, DutyRoleId, GasId, PositionId, RuleId,
    WarningId,
};
pub use life::LifePolicy;
pub use maintenance::{Maintenance, MaintenanceFault, MaintenanceKind};
pub use origin::Origin;
pub use person::{AccountName, AccountNameError, AreaScope, Role, Who};
pub use quality::Quality;
pub use reading::Reading;
pub use retention::{Keep, Retention};
pub use site::{Quantity, Site};
pub use text::Text;
pub use tier::Tier;
pub use time::Timestamp;
pub use unit::{Conditions, Unit};
pub use warning::{
    Acknowledgement, Cancellation, Chatter, HeldTier, Passing, PassingNext, Said, Warning,
    WarningChange, WarningEvent, WarningState,
};
