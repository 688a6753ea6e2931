//! What only those may see who may see the contact book: whom a step of a ladder reached.
//!
//! That there was a step, and whether the roster had a gap, everybody sees.

use siskin_model::Who;

use super::permissions::Permission;
use crate::backend::LiveEvent;
use crate::contract::{CallView, WarningEventView, WarningView};

/// Whether `who` may see names and telephone numbers of the people on duty.
pub(crate) fn may_see_people(who: &Who) -> bool {
    Permission::Contacts.is_of(who.role)
}

fn call(view: &mut CallView) {
    view.people.clear();
}

/// Takes the people out of a warning.
pub fn warning(view: &mut WarningView) {
    let passing = view.passing.as_mut();
    passing.into_iter().flat_map(|passing| &mut passing.calls).for_each(call);
}

/// Takes the people out of a step of a warning.
pub(crate) fn event(view: &mut WarningEventView) {
    warning(&mut view.warning);
    view.call.as_deref_mut().into_iter().for_each(call);
}

/// The event as somebody may see it who may not see the contact book; none: as it is.
pub(crate) fn live(seen: &LiveEvent) -> Option<LiveEvent> {
    let LiveEvent::Warning(view) = seen else { return None };
    let mut view = view.clone();
    event(&mut view);
    Some(LiveEvent::Warning(view))
}
