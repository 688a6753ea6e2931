//! The rules that run, their versions, the shadow set, and the acts that change them.

use axum::Json;
use axum::extract::State;
use siskin_model::Who;

use crate::access::Asker;
use crate::access::sight::Sight;
use crate::app::App;
use crate::backend::{Backend, BackendError, RulesAct};
use crate::contract::{
    CorrectionView, CorrectionsQuery, RuleVersionDiffView, RuleVersionView, RulesActRequest,
    RulesView, ShadowAnswer, ShadowRequest, ShadowView,
};
use crate::intake::{BodyOf, IdOf, QueryOf, RULES_BYTES_MAX, note_of_person};
use crate::problem::Failure;
use crate::routes::range;

/// The most corrections of one answer.
const CORRECTIONS_MAX: u32 = 1_000;
/// Pages that are looked through for whoever sees some areas only.
const CORRECTION_PAGES_MAX: usize = 100;

/// The rules that run now.
#[utoipa::path(
    get,
    path = "/rules",
    responses(
        (status = 200, description = "The rules", body = RulesView)
    )
)]
pub(super) async fn rules(State(app): State<App>) -> Result<Json<RulesView>, Failure> {
    app.call(Backend::rules).await.map(Json)
}

/// Versions of the rules, newest first, at most 1,000.
#[utoipa::path(
    get,
    path = "/rules/versions",
    responses(
        (status = 200, description = "The versions", body = Vec<RuleVersionView>)
    )
)]
pub(super) async fn versions(
    State(app): State<App>,
) -> Result<Json<Vec<RuleVersionView>>, Failure> {
    app.call(Backend::rule_versions).await.map(Json)
}

/// A version with its full text and what it changed against the version before.
#[utoipa::path(
    get,
    path = "/rules/versions/{number}/diff",
    params(("number" = u64, Path, description = "Number of the version")),
    responses(
        (status = 200, description = "The version", body = RuleVersionDiffView),
        (status = 404, description = "No such version")
    )
)]
pub(super) async fn diff(
    State(app): State<App>,
    IdOf(number): IdOf,
) -> Result<Json<RuleVersionDiffView>, Failure> {
    // What is not a number cannot be the number of a version.
    let Ok(number) = number.parse() else {
        return Err(Failure::RuleVersionNotFound { number });
    };
    app.call(move |backend| backend.rule_version(number)).await.map(Json)
}

/// Reads the site's rule files again. Answers with the version that runs afterwards, which is the
/// one from before where the files say nothing new.
#[utoipa::path(
    post,
    path = "/rules/reload",
    request_body = RulesActRequest,
    responses(
        (status = 200, description = "The version that runs", body = RuleVersionView),
        (status = 403, description = "Not allowed, or sent by a page of another origin"),
        (status = 422, description = "A field does not fit, or the rules have problems: \
            then `report` lists them and the old set goes on"),
        (status = 503, description = "Not possible now")
    )
)]
pub(super) async fn reload(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<RulesActRequest>,
) -> Result<Json<RuleVersionView>, Failure> {
    act(&app, RulesAct::Reload, who, &request).await
}

/// Makes the shadow set the live one. A second person must do it.
#[utoipa::path(
    post,
    path = "/rules/promote",
    request_body = RulesActRequest,
    responses(
        (status = 200, description = "The version that runs", body = RuleVersionView),
        (status = 403, description = "Not allowed, or sent by a page of another origin"),
        (status = 409, description = "No shadow set runs, or the same person proposed it"),
        (status = 422, description = "A field does not fit, or the rules have problems"),
        (status = 503, description = "Not possible now")
    )
)]
pub(super) async fn promote(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<RulesActRequest>,
) -> Result<Json<RuleVersionView>, Failure> {
    act(&app, RulesAct::Promote, who, &request).await
}

/// Goes back to the version before; recorded as a new version.
#[utoipa::path(
    post,
    path = "/rules/rollback",
    request_body = RulesActRequest,
    responses(
        (status = 200, description = "The version that runs", body = RuleVersionView),
        (status = 403, description = "Not allowed, or sent by a page of another origin"),
        (status = 409, description = "There is no version before"),
        (status = 422, description = "A field does not fit, or the old rules do not fit the site"),
        (status = 503, description = "Not possible now")
    )
)]
pub(super) async fn rollback(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<RulesActRequest>,
) -> Result<Json<RuleVersionView>, Failure> {
    act(&app, RulesAct::Rollback, who, &request).await
}

async fn act(
    app: &App,
    act: RulesAct,
    who: Who,
    request: &RulesActRequest,
) -> Result<Json<RuleVersionView>, Failure> {
    let request = RulesActRequest { note: note_of_person(&request.note)? };
    app.call(move |backend| backend.change_rules(act, &who, &request)).await.map(Json)
}

/// The shadow set that runs, what it changes and what it did otherwise than the live set.
#[utoipa::path(
    get,
    path = "/rules/shadow",
    responses(
        (status = 200, description = "The shadow set, if one runs", body = ShadowAnswer)
    )
)]
pub(super) async fn shadow(State(app): State<App>) -> Result<Json<ShadowAnswer>, Failure> {
    let answer = app.call(Backend::shadow).await?;
    Ok(Json(ShadowAnswer { shadow: answer }))
}

/// Runs a rule set beside the live one without warning anyone; one that runs already ends.
#[utoipa::path(
    post,
    path = "/rules/shadow",
    request_body = ShadowRequest,
    responses(
        (status = 200, description = "The shadow set", body = ShadowView),
        (status = 403, description = "Not allowed, or sent by a page of another origin"),
        (status = 422, description = "A field does not fit, or the rules have problems"),
        (status = 503, description = "Not possible now")
    )
)]
pub(super) async fn begin_shadow(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<ShadowRequest, RULES_BYTES_MAX>,
) -> Result<Json<ShadowView>, Failure> {
    let note = note_of_person(&request.note)?;
    let request = ShadowRequest { note, files: request.files };
    app.call(move |backend| backend.begin_shadow(&who, &request)).await.map(Json)
}

/// Ends the shadow set; nothing runs in its place.
#[utoipa::path(
    delete,
    path = "/rules/shadow",
    responses(
        (status = 200, description = "No shadow set runs any more", body = ShadowAnswer),
        (status = 403, description = "Not allowed, or sent by a page of another origin"),
        (status = 409, description = "No shadow set ran")
    )
)]
pub(super) async fn end_shadow(
    State(app): State<App>,
    Asker(who): Asker,
) -> Result<Json<ShadowAnswer>, Failure> {
    app.call(move |backend| backend.end_shadow(&who)).await?;
    Ok(Json(ShadowAnswer::default()))
}

/// What late readings changed in the record of the past, in the order in which it was found.
#[utoipa::path(
    get,
    path = "/corrections",
    params(CorrectionsQuery),
    responses(
        (status = 200, description = "The corrections", body = Vec<CorrectionView>)
    )
)]
pub(super) async fn corrections(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<CorrectionsQuery>,
) -> Result<Json<Vec<CorrectionView>>, Failure> {
    let limit = range::limit(query.limit, CORRECTIONS_MAX, CORRECTIONS_MAX)?.get();
    app.call(move |backend| match Sight::of(backend, &who) {
        None => backend.corrections(query.after, limit),
        Some(sight) => seen_corrections(backend, &sight, query.after, limit),
    })
    .await
    .map(Json)
}

/// As many as were asked for where there are so many: whoever gets fewer takes them for the last.
fn seen_corrections(
    backend: &dyn Backend,
    sight: &Sight,
    mut after: u64,
    limit: usize,
) -> Result<Vec<CorrectionView>, BackendError> {
    let mut found = Vec::new();
    for _ in 0..CORRECTION_PAGES_MAX {
        let page = backend.corrections(after, CORRECTIONS_MAX as usize)?;
        let is_last = page.len() < CORRECTIONS_MAX as usize;
        after = page.last().map_or(after, |one| one.seq);
        found.extend(page.into_iter().filter(|one| sight.channel(&one.alarm.channel)));
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
    Err(BackendError::Unavailable(
        "100,000 corrections of other areas follow; hint: ask with a later `after`".to_owned(),
    ))
}
