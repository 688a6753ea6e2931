//! Whose a position is.
//!
//! A position of the site looks after areas, and who acts in none of them neither hands it over,
//! takes it over nor sends a substitute. A role without a position, and a position of which the
//! site names no areas, is of everybody who may act: nothing says otherwise.

use siskin_api::backend::BackendError;
use siskin_model::{AreaScope, PositionId, Who};

use super::Desk;

impl Desk<'_> {
    /// Refuses a position that looks after none of the person's areas.
    pub(super) fn is_theirs(
        &self,
        who: &Who,
        position: Option<&PositionId>,
    ) -> Result<(), BackendError> {
        let (AreaScope::Some(areas), Some(position)) = (&who.areas, position) else {
            return Ok(());
        };
        let policy = &self.settings.site.life;
        let Some(place) = policy.desks.iter().position(|desk| desk.id == position.as_str()) else {
            return Ok(());
        };
        if areas.iter().any(|area| policy.desk_of(area) == Some(place)) {
            return Ok(());
        }
        let first = policy.desks.get(place).and_then(|desk| desk.areas.first());
        let area = first.map_or_else(|| position.to_string(), ToString::to_string);
        Err(BackendError::OtherArea(area))
    }
}
