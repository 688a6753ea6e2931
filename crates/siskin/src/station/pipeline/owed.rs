//! Recipients that did not take what they were told, as alarms about equipment.
//!
//! Who looks after messages says which there are; here they get their place among everything else.
//! Must never tell one before it is on disk.

use siskin_model::Alarm;

use super::Pipeline;

impl Pipeline {
    /// These alarms are active and no others. What the disk does not take now waits as other
    /// effects do.
    pub(super) fn messages_are(&mut self, active: &[Alarm]) {
        let now = (self.clock)();
        self.engine.messages_are(now, active, &mut self.effects);
        let events = self.commit().unwrap_or_else(|error| {
            self.storage_failed(&error);
            Vec::new()
        });
        self.live.show(&[], &self.engine, &self.settings);
        self.publish(events);
    }
}
