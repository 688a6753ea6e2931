//! The routes under `/api/v1`. Each asks the backend one thing and passes the answer on.

mod alarm_records;
mod audit;
mod bureau;
mod devices;
mod drill_text;
mod drills;
mod duty;
mod edges;
mod equipment;
mod evidence;
mod handovers;
mod history;
mod incidents;
mod kpis;
mod life;
mod map;
mod messages;
mod now;
mod people;
mod periods;
pub(crate) mod range;
mod recipients;
mod reports;
mod rules;
mod session;
mod stored;
mod tokens;
mod uplinks;
mod warnings;
mod workbench;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
pub(crate) use evidence::PACKS_MAX;
use siskin_model::incident::FILE_BYTES_MAX;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::intake::RULES_BYTES_MAX;
use crate::{link, records, stream};

/// Every route with its part of the document.
pub(crate) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(session::alive))
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(session::set_up))
        .routes(routes!(session::me))
        .routes(routes!(session::change_password))
        .routes(routes!(people::people, people::add_person))
        .routes(routes!(people::change_person, people::disable_person))
        .routes(routes!(people::reset_password))
        .routes(routes!(tokens::tokens, tokens::add_token))
        .routes(routes!(tokens::remove_token))
        .routes(routes!(now::site))
        .routes(routes!(map::tiles))
        .routes(routes!(now::channels))
        .routes(routes!(history::readings))
        .routes(routes!(stored::records))
        .routes(routes!(stored::buckets))
        .routes(routes!(stored::completeness))
        .routes(routes!(stored::gaps))
        .routes(routes!(records::stream))
        .routes(routes!(warnings::warnings))
        .routes(routes!(warnings::warning_events))
        .routes(routes!(warnings::acknowledge))
        .routes(routes!(now::alarms))
        .routes(routes!(now::health))
        .routes(routes!(audit::audit))
        .routes(routes!(audit::export))
        .routes(routes!(now::metrics))
        .routes(routes!(edges::edges))
        .routes(routes!(uplinks::uplinks))
        .routes(routes!(uplinks::uplink_messages))
        .routes(routes!(link::link))
        .routes(routes!(stream::events))
        .routes(routes!(openapi))
        .routes(routes!(rules::rules))
        .routes(routes!(rules::versions))
        .routes(routes!(rules::diff))
        .routes(routes!(rules::reload))
        .routes(routes!(rules::promote))
        .routes(routes!(rules::rollback))
        .routes(routes!(rules::corrections))
        .merge(devices::all())
        .merge(alarm_records::all())
        .merge(drills::all())
        .merge(duty::all())
        .merge(handovers::all())
        .merge(told())
        .merge(shadow())
        .merge(workbench::all())
        .merge(incidents())
}

/// What was told to whom.
fn told() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(messages::messages))
        .routes(routes!(messages::message))
        .routes(routes!(recipients::recipients))
        .routes(routes!(messages::cap_feed))
        .routes(routes!(messages::cap_message))
        .routes(routes!(bureau::bureau_warnings))
        .routes(routes!(bureau::read_message))
        .routes(routes!(bureau::warning_messages))
}

/// Incidents, with the files that come to them.
fn incidents() -> OpenApiRouter<App> {
    let files = OpenApiRouter::new()
        .routes(routes!(evidence::attach))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX));
    OpenApiRouter::new()
        .routes(routes!(incidents::incidents, incidents::open))
        .routes(routes!(incidents::incident, incidents::change))
        .routes(routes!(incidents::note))
        .routes(routes!(incidents::task))
        .routes(routes!(incidents::task_done))
        .routes(routes!(incidents::met))
        .routes(routes!(incidents::join))
        .routes(routes!(incidents::close))
        .routes(routes!(incidents::reopen))
        .routes(routes!(incidents::file))
        .routes(routes!(evidence::evidence))
        .merge(files)
        .merge(reports::all())
        .merge(acts())
}

/// The routes of acts on warnings, alarms about equipment and channels.
fn acts() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(life::acknowledge_many))
        .routes(routes!(life::comment))
        .routes(routes!(life::reset))
        .routes(routes!(life::cancel))
        .routes(routes!(life::escalate))
        .routes(routes!(life::shelve))
        .routes(routes!(life::unshelve))
        .routes(routes!(life::holds))
        .routes(routes!(life::confirm))
        .routes(routes!(life::lift))
        .routes(routes!(life::take_out, life::put_back))
        .routes(routes!(life::floods))
        .routes(routes!(kpis::kpis))
        .routes(routes!(periods::period_report))
        .routes(routes!(life::equipment))
        .routes(routes!(equipment::act))
}

/// The routes of the shadow set, whose bodies may be as large as a rule set is.
fn shadow() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(rules::shadow, rules::begin_shadow, rules::end_shadow))
        .layer(DefaultBodyLimit::max(RULES_BYTES_MAX))
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = Object))
)]
async fn openapi(State(app): State<App>) -> Response {
    let text = app.document.to_string();
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}
