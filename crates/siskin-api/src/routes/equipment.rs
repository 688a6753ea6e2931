//! Acts on alarms about equipment.

use axum::Json;
use axum::extract::State;
use siskin_model::RuleId;

use super::life::{done, reason_of_person};
use crate::access::Asker;
use crate::app::App;
use crate::contract::{ActDoneView, EquipmentActRequest};
use crate::intake::{BodyOf, FieldFault, IdsOf, IntakeFault, note_of_person};
use crate::life::{About, ActFault, LifeAct};
use crate::problem::Failure;
use crate::routes::range;

const MINUTE_MS: i64 = 60_000;

/// Acts on the alarm about equipment of a rule on a channel.
#[utoipa::path(
    post,
    path = "/equipment/{rule}/{channel}",
    params(
        ("rule" = String, Path, description = "Id of the rule"),
        ("channel" = String, Path, description = "Id of the channel")
    ),
    request_body = EquipmentActRequest,
    responses(
        (status = 200, description = "What it did", body = ActDoneView),
        (status = 409, description = "Its state does not allow it")
    )
)]
pub(super) async fn act(
    State(app): State<App>,
    asker: Asker,
    IdsOf(rule, channel): IdsOf,
    BodyOf(request): BodyOf<EquipmentActRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let rule = RuleId::new(&rule).map_err(|_| ActFault::Unknown(rule.clone()))?;
    let about = About::Equipment(rule, range::channel(&channel)?);
    let (act, note) = match request {
        EquipmentActRequest::Acknowledge { note } => {
            let reason = String::new();
            (LifeAct::Acknowledge { about, tier: None, reason }, note_of_person(&note)?)
        }
        EquipmentActRequest::Comment { note } => {
            let note = note_of_person(&note)?;
            if note.is_empty() {
                return Err(IntakeFault::Field { field: "note", fault: FieldFault::Empty }.into());
            }
            (LifeAct::Comment(about), note)
        }
        EquipmentActRequest::Shelve { minutes, reason } => {
            let for_ms = i64::from(minutes) * MINUTE_MS;
            (LifeAct::Shelve { about, tier: None, for_ms }, reason_of_person(&reason)?)
        }
        EquipmentActRequest::Unshelve { note } => {
            (LifeAct::Unshelve(about), note_of_person(&note)?)
        }
    };
    done(app, asker, act, note).await
}
