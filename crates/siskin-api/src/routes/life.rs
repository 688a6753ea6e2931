//! Acts on warnings and holds. Who acts is the asker, never a field of the body.

use axum::Json;
use axum::extract::State;
use siskin_model::{Timestamp, WarningId};

use crate::access::Asker;
use crate::access::sight::{self, Sight};
use crate::app::App;
use crate::contract::{
    AcknowledgeManyRequest, AcknowledgedView, ActDoneView, CancelRequest, EquipmentView,
    EscalateRequest, FloodView, HoldView, HoldsQuery, NoteRequest, OutOfServiceRequest,
    ShelveRequest,
};
use crate::intake::{
    BodyOf, FieldFault, IdOf, IntakeFault, NOTE_LEN_MAX, QueryOf, line_of_person, named,
    note_of_person,
};
use crate::life::{About, LifeAct};
use crate::problem::Failure;
use crate::routes::range;
use crate::written::WrittenList;

/// The most warnings that are acknowledged at once.
const MANY_MAX: usize = 50;
const MINUTE_MS: i64 = 60_000;

/// Words that must not be missing.
pub(super) fn reason_of_person(text: &str) -> Result<String, Failure> {
    Ok(line_of_person("reason", text, 1..=NOTE_LEN_MAX)?)
}

fn about(id: &str) -> About {
    About::Warning(WarningId::from_text(id))
}

/// Does one act and gives what it did.
pub(super) async fn done(
    app: App,
    Asker(who): Asker,
    act: LifeAct,
    note: String,
) -> Result<Json<ActDoneView>, Failure> {
    app.call(move |backend| backend.act(&act, &who, &note)).await.map(Json)
}

/// Acknowledges several warnings; each is answered by itself.
#[utoipa::path(
    post,
    path = "/warnings/acknowledge",
    request_body = AcknowledgeManyRequest,
    responses(
        (status = 200, description = "What became of each", body = Vec<AcknowledgedView>),
        (status = 422, description = "A field does not fit")
    )
)]
pub(super) async fn acknowledge_many(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<AcknowledgeManyRequest>,
) -> Result<Json<Vec<AcknowledgedView>>, Failure> {
    let note = note_of_person(&request.note)?;
    let reason = line_of_person("reason", &request.reason, 0..=NOTE_LEN_MAX)?;
    let count = request.warnings.len();
    if !(1..=MANY_MAX).contains(&count) {
        let reason = format!("{count} warnings; from 1 to {MANY_MAX} go at once");
        return Err(IntakeFault::Body { field: "warnings".to_owned(), reason }.into());
    }
    let all = move |backend: &dyn crate::Backend| {
        let one = |seen: &crate::contract::SeenWarning| {
            let (about, tier) = (about(&seen.id), Some(seen.tier));
            let act = LifeAct::Acknowledge { about, tier, reason: reason.clone() };
            let done = backend.act(&act, &who, &note).map_err(Failure::from);
            let problem = done.as_ref().err().map(Failure::document);
            let warning = done.ok().and_then(|done| done.warning);
            AcknowledgedView { id: seen.id.clone(), warning, problem }
        };
        Ok(request.warnings.iter().map(one).collect())
    };
    app.call(all).await.map(Json)
}

/// Writes something about an open warning.
#[utoipa::path(
    post,
    path = "/warnings/{id}/comment",
    params(("id" = String, Path, description = "Id of the warning")),
    request_body = NoteRequest,
    responses(
        (status = 200, description = "The warning after it", body = ActDoneView)
    )
)]
pub(super) async fn comment(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<NoteRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let note = note_of_person(&request.note)?;
    if note.is_empty() {
        return Err(IntakeFault::Field { field: "note", fault: FieldFault::Empty }.into());
    }
    done(app, asker, LifeAct::Comment(about(&id)), note).await
}

/// Resets a latched warning that returned and was acknowledged.
#[utoipa::path(
    post,
    path = "/warnings/{id}/reset",
    params(("id" = String, Path, description = "Id of the warning")),
    request_body = NoteRequest,
    responses(
        (status = 200, description = "The warning after it", body = ActDoneView),
        (status = 409, description = "Its state does not allow it")
    )
)]
pub(super) async fn reset(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<NoteRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let note = note_of_person(&request.note)?;
    done(app, asker, LifeAct::Reset(WarningId::from_text(&id)), note).await
}

/// Says that a warning was a mistake, also after its end; whoever was told of it is told. Refused
/// while an alarm of its gas is active in its area. Of the site's highest tier this proposes it.
#[utoipa::path(
    post,
    path = "/warnings/{id}/cancel",
    params(("id" = String, Path, description = "Id of the warning")),
    request_body = CancelRequest,
    responses(
        (status = 200, description = "The warning after it, or the proposal", body = ActDoneView),
        (status = 409, description = "An alarm is active, or it is cancelled already")
    )
)]
pub(super) async fn cancel(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<CancelRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let reason = reason_of_person(&request.reason)?;
    done(app, asker, LifeAct::Cancel(WarningId::from_text(&id)), reason).await
}

/// Takes the next step of the ladder now: who is on duty is called and told as at a timed step, and
/// the steps after it keep their times. Of two persons who ask at once for one step the later is
/// refused and told who was first.
#[utoipa::path(
    post,
    path = "/warnings/{id}/escalate",
    params(("id" = String, Path, description = "Id of the warning")),
    request_body = EscalateRequest,
    responses(
        (status = 200, description = "The warning after it", body = ActDoneView),
        (status = 409, description = "A step was taken meanwhile, none is left, or acknowledged")
    )
)]
pub(super) async fn escalate(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<EscalateRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let note = note_of_person(&request.note)?;
    let act = LifeAct::Escalate { warning: WarningId::from_text(&id), told: request.told };
    done(app, asker, act, note).await
}

/// Puts a warning aside for a time. Of the site's highest tier this proposes it: a second person
/// confirms within ten minutes.
#[utoipa::path(
    post,
    path = "/warnings/{id}/shelve",
    params(("id" = String, Path, description = "Id of the warning")),
    request_body = ShelveRequest,
    responses(
        (status = 200, description = "The warning after it, or the proposal", body = ActDoneView),
        (status = 409, description = "Risen above the tier seen, or not possible")
    )
)]
pub(super) async fn shelve(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<ShelveRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let reason = reason_of_person(&request.reason)?;
    let for_ms = i64::from(request.minutes) * MINUTE_MS;
    let act = LifeAct::Shelve { about: about(&id), tier: request.tier, for_ms };
    done(app, asker, act, reason).await
}

/// Takes a warning off the shelf; it is looked at again.
#[utoipa::path(
    post,
    path = "/warnings/{id}/unshelve",
    params(("id" = String, Path, description = "Id of the warning")),
    request_body = NoteRequest,
    responses(
        (status = 200, description = "The hold that ended", body = ActDoneView)
    )
)]
pub(super) async fn unshelve(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<NoteRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let note = note_of_person(&request.note)?;
    done(app, asker, LifeAct::Unshelve(about(&id)), note).await
}

/// Shelves, channels out of service and proposals.
#[utoipa::path(
    get,
    path = "/holds",
    params(HoldsQuery),
    responses(
        (status = 200, description = "The holds", body = Vec<HoldView>)
    )
)]
pub(super) async fn holds(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<HoldsQuery>,
) -> Result<Json<Vec<HoldView>>, Failure> {
    app.call(move |backend| {
        let all = backend.holds(query.scope)?;
        Ok(sight::within(backend, &who, all, |sight, all| sight.holds(backend, all)))
    })
    .await
    .map(Json)
}

/// Confirms a proposal as the second person.
#[utoipa::path(
    post,
    path = "/holds/{id}/confirm",
    params(("id" = String, Path, description = "Id of the proposal")),
    request_body = NoteRequest,
    responses(
        (status = 200, description = "The warning after it", body = ActDoneView),
        (status = 409, description = "The same person, or risen meanwhile")
    )
)]
pub(super) async fn confirm(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<NoteRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let note = note_of_person(&request.note)?;
    done(app, asker, LifeAct::Confirm(id), note).await
}

/// Ends any hold before its time.
#[utoipa::path(
    post,
    path = "/holds/{id}/lift",
    params(("id" = String, Path, description = "Id of the hold")),
    request_body = NoteRequest,
    responses(
        (status = 200, description = "The hold that ended", body = ActDoneView)
    )
)]
pub(super) async fn lift(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<NoteRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let note = note_of_person(&request.note)?;
    done(app, asker, LifeAct::Lift(id), note).await
}

/// Takes a channel out of service: it is judged and recorded, and calls nobody.
#[utoipa::path(
    post,
    path = "/channels/{id}/out-of-service",
    params(("id" = String, Path, description = "Id of the channel")),
    request_body = OutOfServiceRequest,
    responses(
        (status = 200, description = "The hold that began", body = ActDoneView),
        (status = 409, description = "It is out of service already")
    )
)]
pub(super) async fn take_out(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
    BodyOf(request): BodyOf<OutOfServiceRequest>,
) -> Result<Json<ActDoneView>, Failure> {
    let reason = reason_of_person(&request.reason)?;
    let act = LifeAct::TakeOut {
        channel: range::channel(&id)?,
        work_order: named("work_order", &request.work_order)?,
        owner: named("owner", &request.owner)?,
        until: Timestamp::from_millis(request.until_ms),
    };
    done(app, asker, act, reason).await
}

/// Puts a channel back into service; its alarms are looked at again.
#[utoipa::path(
    delete,
    path = "/channels/{id}/out-of-service",
    params(("id" = String, Path, description = "Id of the channel")),
    responses(
        (status = 200, description = "The hold that ended", body = ActDoneView)
    )
)]
pub(super) async fn put_back(
    State(app): State<App>,
    asker: Asker,
    IdOf(id): IdOf,
) -> Result<Json<ActDoneView>, Failure> {
    let channel = range::channel(&id)?;
    done(app, asker, LifeAct::PutBack(channel), String::new()).await
}

/// The operators' positions, and which of them are flooded.
#[utoipa::path(
    get,
    path = "/floods",
    responses(
        (status = 200, description = "Every position", body = Vec<FloodView>)
    )
)]
pub(super) async fn floods(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<Vec<FloodView>>, Failure> {
    app.call(move |backend| Ok(sight::within(backend, &who, backend.floods(), Sight::floods)))
        .await
        .map(Json)
}

/// Alarms about equipment that are not over.
#[utoipa::path(
    get,
    path = "/equipment",
    responses(
        (status = 200, description = "The alarms", body = Vec<EquipmentView>)
    )
)]
pub(super) async fn equipment(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<WrittenList, Failure> {
    app.call(move |backend| {
        let Some(sight) = Sight::of(backend, &who) else {
            return backend.equipment_written();
        };
        let mut seen = backend.equipment();
        seen.retain(|one| sight.channel(&one.alarm.channel));
        WrittenList::of(&seen)
    })
    .await
}
