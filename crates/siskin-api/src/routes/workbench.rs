//! The workbench of the rules: texts, checker, tests, how rules stand, backtests.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Asker;
use crate::app::App;
use crate::contract::{
    BacktestRequest, BacktestView, RuleCheckView, RuleFilesRequest, RuleSetView, RuleStateQuery,
    RuleStatesView, RuleTestsRequest, RuleTestsView,
};
use crate::intake::{BodyOf, IdOf, QueryOf, RULES_BYTES_MAX};
use crate::problem::Failure;
use crate::workbench::{WhichSet, Workbench, WorkbenchFault};

/// The routes of the workbench; bodies may be as large as a rule set is.
pub(super) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(rule_set))
        .routes(routes!(rule_schema))
        .routes(routes!(rule_states))
        .routes(routes!(check_rules))
        .routes(routes!(test_rules))
        .routes(routes!(backtests, begin_backtest))
        .routes(routes!(backtest, drop_backtest))
        .layer(DefaultBodyLimit::max(RULES_BYTES_MAX))
}

/// The texts of a rule set: `running`, `shadow` or the number of a version.
#[utoipa::path(get, path = "/rules/sets/{name}",
    params(("name" = String, Path, description = "`running`, `shadow` or a version's number")),
    responses(
        (status = 200, description = "The texts", body = RuleSetView),
        (status = 404, description = "No such set")
    ))]
async fn rule_set(State(app): State<App>, IdOf(name): IdOf) -> Result<Json<RuleSetView>, Failure> {
    let which = WhichSet::of(&name)?;
    app.call(move |backend| backend.rule_set(which)).await.map(Json)
}

/// The form of a rule file as a JSON Schema, made from the checker's own tables, with the gases,
/// areas and channels of this site. `x-zh` beside each `description` is the same in Chinese.
#[utoipa::path(get, path = "/rules/schema", responses(
    (status = 200, description = "A JSON Schema, draft 2020-12", body = Object)
))]
async fn rule_schema(State(app): State<App>) -> Result<Json<serde_json::Value>, Failure> {
    app.call(Workbench::rule_schema).await.map(Json)
}

/// How each rule stands now: how far from its limit, which delays run. Looked at most once a
/// second, whoever asks.
#[utoipa::path(get, path = "/rules/state",
    params(RuleStateQuery),
    responses(
        (status = 200, description = "How the rules stand", body = RuleStatesView),
        (status = 404, description = "No such rule")
    ))]
async fn rule_states(
    State(app): State<App>,
    QueryOf(query): QueryOf<RuleStateQuery>,
) -> Result<Json<RuleStatesView>, Failure> {
    app.call(move |backend| backend.rule_states(query.rule.as_deref())).await.map(Json)
}

/// What the checker says of a rule set. Nothing is changed.
#[utoipa::path(post, path = "/rules/check",
    request_body = RuleFilesRequest,
    responses(
        (status = 200, description = "What it found", body = RuleCheckView),
        (status = 422, description = "A field does not fit")
    ))]
async fn check_rules(
    State(app): State<App>,
    BodyOf(request): BodyOf<RuleFilesRequest, RULES_BYTES_MAX>,
) -> Result<Json<RuleCheckView>, Failure> {
    app.query(move |backend| backend.check_rules(&request)).await.map(Json)
}

/// Runs the site's rule tests against a rule set, one run at a time and 3 s at most: what there was
/// no time for is `not-run`. Nothing is changed.
#[utoipa::path(post, path = "/rules/tests",
    request_body = RuleTestsRequest,
    responses(
        (status = 200, description = "How they came out", body = RuleTestsView),
        (status = 409, description = "Tests run already"),
        (status = 422, description = "A field does not fit")
    ))]
async fn test_rules(
    State(app): State<App>,
    BodyOf(request): BodyOf<RuleTestsRequest, RULES_BYTES_MAX>,
) -> Result<Json<RuleTestsView>, Failure> {
    app.query(move |backend| backend.test_rules(&request)).await.map(Json)
}

/// Backtests, newest first, without what they found.
#[utoipa::path(get, path = "/backtests", responses(
    (status = 200, description = "The backtests", body = Vec<BacktestView>)
))]
async fn backtests(State(app): State<App>) -> Result<Json<Vec<BacktestView>>, Failure> {
    app.call(Workbench::backtests).await.map(Json)
}

/// Lets the running set and another one judge stored readings again, on a thread of its own with
/// low priority, one backtest at a time; 4 wait at most.
#[utoipa::path(post, path = "/backtests",
    request_body = BacktestRequest,
    responses(
        (status = 200, description = "The backtest, queued", body = BacktestView),
        (status = 404, description = "No such version or incident"),
        (status = 409, description = "Enough backtests wait"),
        (status = 422, description = "A field does not fit, or the rules have problems")
    ))]
async fn begin_backtest(
    State(app): State<App>,
    Asker(who): Asker,
    BodyOf(request): BodyOf<BacktestRequest, RULES_BYTES_MAX>,
) -> Result<Json<BacktestView>, Failure> {
    app.query(move |backend| backend.begin_backtest(&who, &request)).await.map(Json)
}

/// One backtest with what it found.
#[utoipa::path(get, path = "/backtests/{id}",
    params(("id" = String, Path, description = "Number of the backtest")),
    responses(
        (status = 200, description = "The backtest", body = BacktestView),
        (status = 404, description = "No such backtest")
    ))]
async fn backtest(State(app): State<App>, IdOf(id): IdOf) -> Result<Json<BacktestView>, Failure> {
    let id = number(&id)?;
    app.call(move |backend| backend.backtest(id)).await.map(Json)
}

/// Cancels a backtest that waits or runs; forgets one that is over.
#[utoipa::path(delete, path = "/backtests/{id}",
    params(("id" = String, Path, description = "Number of the backtest")),
    responses(
        (status = 200, description = "The backtest as it was left", body = BacktestView),
        (status = 404, description = "No such backtest")
    ))]
async fn drop_backtest(
    State(app): State<App>,
    Asker(who): Asker,
    IdOf(id): IdOf,
) -> Result<Json<BacktestView>, Failure> {
    let id = number(&id)?;
    app.call(move |backend| backend.drop_backtest(&who, id)).await.map(Json)
}

fn number(id: &str) -> Result<u64, WorkbenchFault> {
    id.parse().map_err(|_| WorkbenchFault::BacktestNotFound(id.to_owned()))
}
