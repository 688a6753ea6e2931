//! The live stream as a bureau of some areas sees it.

use std::borrow::Cow;

use super::Sight;
use crate::backend::LiveEvent;

impl Sight {
    /// The event as it is seen; none: it is not.
    pub(crate) fn live<'a>(&self, event: &'a LiveEvent) -> Option<Cow<'a, LiveEvent>> {
        let is_seen = match event {
            LiveEvent::Warning(view) => self.area(&view.warning.area),
            LiveEvent::Alarm(view) => self.channel(&view.alarm.channel),
            LiveEvent::Correction(view) => self.channel(&view.alarm.channel),
            LiveEvent::Equipment(view) => self.channel(&view.equipment.alarm.channel),
            LiveEvent::Incident(view) => self.any(&view.areas),
            LiveEvent::Drill(view) => self.area(&view.area),
            LiveEvent::Readings(values) => {
                return some(self.values(values.clone()), LiveEvent::Readings);
            }
            LiveEvent::Health(all) => {
                return some(self.analyzers_health(all.clone()), LiveEvent::Health);
            }
            LiveEvent::Edges(all) => {
                return some(self.edges(all.clone()), LiveEvent::Edges);
            }
            // It names a position and not its areas; `GET /floods` says whose it is.
            LiveEvent::Flood(_) => false,
            // Of the station, and of no area.
            LiveEvent::Rules(_) | LiveEvent::Pulse(_) => true,
        };
        is_seen.then_some(Cow::Borrowed(event))
    }
}

fn some<T>(
    seen: Vec<T>,
    event: impl FnOnce(Vec<T>) -> LiveEvent,
) -> Option<Cow<'static, LiveEvent>> {
    (!seen.is_empty()).then(|| Cow::Owned(event(seen)))
}
