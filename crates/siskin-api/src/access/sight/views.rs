//! Answers as a bureau of some areas sees them: what is not of its areas is left out.

use siskin_model::WarningId;

use super::Sight;
use crate::backend::Backend;
use crate::contract::{
    AnalyzerHealthView, CardView, ChannelValue, DeviceView, DrillsView, EdgeView, FloodView,
    HealthView, HoldView, IncidentsView, MaintenanceDueView, MaintenanceView, RecipientView,
    SiteView,
};

impl Sight {
    /// Its areas, with what stands in them, the weather, and who is told of them. Another area
    /// would stand there as one without a warning.
    pub(crate) fn site(&self, mut site: SiteView) -> SiteView {
        site.areas.retain(|one| self.area(&one.id));
        site.analyzers.retain(|one| self.analyzer(&one.id));
        site.channels.retain(|one| self.channel(&one.id));
        let gases = site.channels.iter().map(|one| one.quantity.clone());
        let gases: std::collections::BTreeSet<_> = gases.collect();
        site.gases.retain(|one| gases.contains(&one.id));
        site.receivers.retain(|one| one.areas.is_empty() || self.any(&one.areas));
        site
    }

    pub(crate) fn values(&self, mut values: Vec<ChannelValue>) -> Vec<ChannelValue> {
        values.retain(|one| self.channel(&one.channel));
        values
    }

    /// The station's own health is everybody's; analyzers are those of the areas.
    pub(crate) fn health(&self, health: HealthView) -> HealthView {
        HealthView { analyzers: self.analyzers_health(health.analyzers), ..health }
    }

    pub(crate) fn analyzers_health(
        &self,
        mut all: Vec<AnalyzerHealthView>,
    ) -> Vec<AnalyzerHealthView> {
        all.retain(|one| self.analyzer(&one.analyzer));
        all
    }

    /// Gateways, with the alarms of their own watch that are seen.
    pub(crate) fn edges(&self, mut all: Vec<EdgeView>) -> Vec<EdgeView> {
        for edge in &mut all {
            edge.alarms.retain(|one| self.channel(&one.channel));
            edge.alarm_events.retain(|one| self.channel(&one.channel));
        }
        all
    }

    pub(crate) fn devices(&self, mut all: Vec<DeviceView>) -> Vec<DeviceView> {
        all.retain(|one| self.analyzer(&one.id));
        all
    }

    pub(crate) fn maintenance(&self, mut all: Vec<MaintenanceView>) -> Vec<MaintenanceView> {
        all.retain(|one| self.channel(&one.channel));
        all
    }

    pub(crate) fn maintenance_due(
        &self,
        mut all: Vec<MaintenanceDueView>,
    ) -> Vec<MaintenanceDueView> {
        all.retain(|one| self.channel(&one.channel));
        all
    }

    /// A position that names no area has all that no other names: whose it is cannot be told.
    pub(crate) fn floods(&self, mut all: Vec<FloodView>) -> Vec<FloodView> {
        let is_own =
            |one: &FloodView| !one.areas.is_empty() && one.areas.iter().all(|area| self.area(area));
        all.retain(is_own);
        all
    }

    /// A hold is on a warning, a channel, or an alarm about equipment: `<rule>.<channel>`.
    pub(crate) fn holds(&self, backend: &dyn Backend, mut all: Vec<HoldView>) -> Vec<HoldView> {
        let is_own = |one: &HoldView| {
            let of_rule = one.subject.split_once('.').map_or("", |(_, channel)| channel);
            self.channel(&one.subject)
                || self.channel(of_rule)
                || backend
                    .area_of_warning(&WarningId::from_text(&one.subject))
                    .is_ok_and(|area| self.area(area.as_str()))
        };
        all.retain(is_own);
        all
    }

    pub(crate) fn incidents(&self, mut all: IncidentsView) -> IncidentsView {
        all.incidents.retain(|one| self.any(&one.areas));
        let is_own = |id: &str| all.incidents.iter().any(|one| one.id == id);
        all.notices.retain(|one| is_own(&one.incident));
        all
    }

    pub(crate) fn drills(&self, mut all: DrillsView) -> DrillsView {
        all.running = all.running.filter(|one| self.area(&one.area));
        all.drills.retain(|one| self.area(&one.area));
        all
    }

    pub(crate) fn recipients(&self, mut all: Vec<RecipientView>) -> Vec<RecipientView> {
        all.retain(|one| one.areas.is_empty() || self.any(&one.areas));
        all
    }

    pub(crate) fn cards(&self, mut all: Vec<CardView>) -> Vec<CardView> {
        all.retain(|one| one.area.as_ref().is_none_or(|area| self.area(area)));
        all
    }
}
