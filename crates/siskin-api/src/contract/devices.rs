//! Devices as they are read: how they answer, what they said last, and what was done to them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words::{QualityView, TextView};

/// How a device answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceState {
    /// Not heard yet.
    Unknown,
    /// Answers.
    Answering,
    /// Answers, but the last exchange failed or parts of it were refused.
    Faulty,
    /// Does not answer.
    Silent,
}

/// What went wrong with a device since the station started, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceErrorsView {
    /// Exchanges that failed, all kinds together.
    pub exchanges: u64,
    /// Of these: nobody answered, or the line broke. None where a gateway reads the device.
    pub unanswered: Option<u64>,
    /// Of these: the answer could not be used. None where a gateway reads the device.
    pub unusable: Option<u64>,
    /// Single values that were refused.
    pub refused: u64,
    /// Polls that were left out because the one before took too long.
    pub polls_late: u64,
}

/// A device's own clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceClockView {
    /// When it was last heard.
    pub heard_at: String,
    /// The device's time minus the station's. The way of the message is in it.
    pub skew_ms: i64,
}

/// A device and how it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeviceView {
    /// The analyzer's id.
    pub id: String,
    /// Its name.
    pub name: TextView,
    /// Its area.
    pub area: String,
    /// `modbus-tcp`, `modbus-rtu-over-tcp`, `modbus-rtu`, `mqtt`, `sparkplug-b` or `hj212`.
    pub protocol: String,
    /// Where it is reached, without passwords and keys.
    pub address: String,
    /// Its device profile; a file of that name with `.toml`.
    pub profile: String,
    /// Maker, as the profile says.
    pub vendor: String,
    /// Model, as the profile says.
    pub model: String,
    /// The edge gateway that reads it; none: the station itself.
    pub edge: Option<String>,
    /// How it answers.
    pub state: DeviceState,
    /// Since when.
    pub since: Option<String>,
    /// When it last gave something usable.
    pub last_ok_at: Option<String>,
    /// Its last failure; stays after it has passed.
    pub last_error: Option<TextView>,
    /// Exchanges that gave readings, since the station started.
    pub exchanges_ok: u64,
    /// What went wrong.
    pub errors: DeviceErrorsView,
    /// Time between two readings as configured.
    pub poll_ms: u32,
    /// Time between the last two usable answers. None where a gateway reads the device, and before
    /// there were two in a row.
    pub interval_ms: Option<i64>,
    /// The mean change of that time from one answer to the next (RFC 3550).
    pub jitter_ms: Option<i64>,
    /// Its clock; none where its protocol has none or it did not say.
    pub clock: Option<DeviceClockView>,
}

/// One request of a poll with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RawRequestView {
    /// The Modbus function, 1 to 4.
    pub function: u8,
    /// First address, counted from 0.
    pub address: u16,
    /// How many registers or bits were asked for.
    pub count: u16,
    /// The registers in order, four hexadecimal digits each; bits are `0` and `1`.
    pub values: Vec<String>,
    /// Why there is no answer.
    pub failure: Option<TextView>,
}

/// What one point of the profile says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RawFieldView {
    /// The point.
    pub point: String,
    /// Its registers, four hexadecimal digits each; none of a bit.
    pub registers: Vec<String>,
    /// What they say: a number, words of a state, a text.
    pub shown: Option<String>,
    /// Unit of a number, where it is known.
    pub unit: Option<String>,
    /// What the device says about a value.
    pub quality: Option<QualityView>,
    /// Why it says nothing, or in which unit is not known.
    pub failure: Option<TextView>,
}

/// Why nothing raw can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoFrame {
    /// A gateway reads the device; frames stay there.
    AtGateway,
    /// Nothing came since the station started.
    NothingYet,
}

/// What a device said last, as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeviceFrameView {
    /// The device.
    pub device: String,
    /// Why there is nothing.
    pub none: Option<NoFrame>,
    /// When it came.
    pub heard_at: Option<String>,
    /// How many bytes it had.
    pub bytes: u64,
    /// Whether only the first 4 KiB of it are here.
    pub is_cut: bool,
    /// The topic of a message.
    pub topic: Option<String>,
    /// A message or packet as text; passwords are masked, so a checksum does not fit it.
    pub text: Option<String>,
    /// A message that is no text, two hexadecimal digits a byte.
    pub hex: Option<String>,
    /// The requests of a Modbus poll.
    pub requests: Vec<RawRequestView>,
    /// The points of the profile that they hold, by name.
    pub fields: Vec<RawFieldView>,
}

/// Which work on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MaintenanceKindView {
    /// Zero and span were set against a gas standard.
    Calibration,
    /// Gas was given to see whether the device answers.
    BumpTest,
    /// Something was mended.
    Repair,
    /// The sensor or the device was changed.
    Replacement,
    /// It was looked at.
    Inspection,
}

/// What was done to the device of a channel. Values are in the channel's unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MaintenanceView {
    /// Its number in the log.
    pub number: u64,
    /// The channel.
    pub channel: String,
    /// What was done.
    pub kind: MaintenanceKindView,
    /// When it was done.
    pub at: String,
    /// The account that says so.
    pub by: String,
    /// When it was written.
    pub made_at: String,
    /// The value of the gas standard.
    pub standard: Option<f64>,
    /// What the device showed before anything was set.
    pub before: Option<f64>,
    /// What it showed afterwards.
    pub after: Option<f64>,
    /// When the same is due again.
    pub next_due: Option<String>,
    /// Whether that moment has passed.
    pub is_overdue: bool,
    /// What else there is to say; may be empty.
    pub note: String,
}

/// How due work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DueStateView {
    /// Its moment has passed.
    Overdue,
    /// The site asks for it, and the log has no such work.
    NoRecord,
    /// Its moment is within 14 days.
    Soon,
}

/// Work on the device of a channel that is due, or soon: a notice, no alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaintenanceDueView {
    /// The channel.
    pub channel: String,
    /// Which work.
    pub kind: MaintenanceKindView,
    /// How due it is.
    pub state: DueStateView,
    /// When it is or was due; none without a record. Of a date in the log and one that the site's
    /// interval gives the earlier.
    pub due_at: Option<String>,
    /// When it was last done; none without a record.
    pub done_at: Option<String>,
    /// After so many days the site asks for it again; none where only the log has a date.
    pub every_days: Option<u32>,
    /// Who says so.
    pub source: Option<String>,
}

/// How many channels have work that is due. A channel counts once in each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaintenanceHealthView {
    /// Whose moment has passed.
    pub overdue: u32,
    /// Without a record of work that the site asks for.
    pub no_record: u32,
    /// Whose moment is within 14 days.
    pub soon: u32,
    /// Why the log cannot be read: then the numbers say nothing.
    pub failure: Option<String>,
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaintenanceRequest {
    /// What was done.
    pub kind: MaintenanceKindView,
    /// When, ms since 1970 (UTC); within the last ten years.
    pub at_ms: i64,
    /// The value of the gas standard. Needed of a calibration and a bump test.
    #[serde(default)]
    pub standard: Option<f64>,
    /// What the device showed before anything was set. Needed of a bump test.
    #[serde(default)]
    pub before: Option<f64>,
    /// What it showed afterwards. Needed of a calibration.
    #[serde(default)]
    pub after: Option<f64>,
    /// When the same is due again, ms since 1970 (UTC): later than the work and now.
    #[serde(default)]
    pub next_due_ms: Option<i64>,
    /// What was found and done; needed of a repair, a replacement and an inspection.
    #[serde(default)]
    pub note: String,
}
