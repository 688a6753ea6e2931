//! What stands between a bureau and the station: what the site says, and over it what the centre
//! has set.

use std::collections::BTreeMap;

use siskin_model::uplink::{Uplink, UplinkIntervals, UplinkPatience};

use super::desk::{Desk, DeskFault, Secrets};

/// Keys of the book's settings.
pub(crate) const REAL_TIME_S: &str = "real_time_s";
pub(crate) const MINUTE_MIN: &str = "minute_min";
pub(crate) const OVER_TIME_S: &str = "over_time_s";
pub(crate) const RE_COUNT: &str = "re_count";
pub(crate) const PASSWORD: &str = "password";
pub(crate) const REAL_TIME: &str = "real_time";
/// Values of [`REAL_TIME`].
pub(crate) const STOPPED: &str = "stopped";
pub(crate) const STARTED: &str = "started";

/// What counts now.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) intervals: UplinkIntervals,
    pub(crate) patience: UplinkPatience,
    pub(crate) secrets: Secrets,
    pub(crate) real_time_stopped: bool,
    /// Which keys the centre has set.
    pub(crate) set_by_centre: Vec<String>,
}

impl Standing {
    /// Reads it.
    pub(crate) fn of(uplink: &Uplink, desk: &dyn Desk) -> Result<Self, DeskFault> {
        let secrets = desk.secrets(uplink)?;
        Ok(Self::over(uplink, secrets, &desk.settings(&uplink.id)?))
    }

    fn over(uplink: &Uplink, secrets: Secrets, set: &BTreeMap<String, String>) -> Self {
        let number = |key: &str| set.get(key).and_then(|text| text.parse::<u32>().ok());
        let Uplink { intervals, patience, .. } = uplink;
        Self {
            intervals: UplinkIntervals {
                real_time_s: number(REAL_TIME_S).unwrap_or(intervals.real_time_s),
                minute_min: number(MINUTE_MIN).unwrap_or(intervals.minute_min),
            },
            patience: UplinkPatience {
                over_time_s: number(OVER_TIME_S).unwrap_or(patience.over_time_s),
                re_count: number(RE_COUNT).unwrap_or(patience.re_count),
                ..*patience
            },
            secrets: Secrets {
                password: set.get(PASSWORD).cloned().unwrap_or(secrets.password),
                ..secrets
            },
            real_time_stopped: set.get(REAL_TIME).is_some_and(|state| state == STOPPED),
            set_by_centre: set.keys().cloned().collect(),
        }
    }
}
