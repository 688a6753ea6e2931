//! The OpenAPI document, made from the routes and the contract.
//!
//! `openapi.json` beside `src` is this document as the page's types are made from it; a test holds
//! the two together.

mod failures;

use axum::Router;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::contract::{
    AlarmEventView, AlarmExportForm, AlarmOrder, AnalyzerHealthView, ChannelValue, CorrectionView,
    DrillView, EdgeView, EquipmentEventView, ExportLang, FloodEventView, HeartbeatView, HoldScope,
    IncidentSummaryView, Problem, PulseView, RecordLineView, RecordsEndView, RosterForm,
    RulesEventView, WarningEventView, WarningScope,
};
use crate::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Siskin",
        version = "1",
        description = "Early warning of toxic gases in a chemical park: the station's API. \
            Moments are RFC 3339 texts in park-local time unless a name ends in `_ms`. \
            Every failure is an RFC 9457 problem document with a text in English and Chinese.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    // What goes out on the streams, which OpenAPI cannot describe event by event, and what
    // queries use, which is not collected from the routes.
    components(schemas(
        AlarmEventView,
        AlarmExportForm,
        AlarmOrder,
        AnalyzerHealthView,
        ChannelValue,
        CorrectionView,
        DrillView,
        EdgeView,
        EquipmentEventView,
        ExportLang,
        FloodEventView,
        HeartbeatView,
        IncidentSummaryView,
        HoldScope,
        Problem,
        RecordLineView,
        RecordsEndView,
        PulseView,
        RosterForm,
        RulesEventView,
        WarningEventView,
        WarningScope
    ))
)]
struct Document;

/// The routes, still without their state, and the document's text.
pub(crate) fn routes_and_document() -> (Router<App>, String) {
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .nest("/api/v1", routes::all())
        .split_for_parts();
    failures::complete(&mut document);
    let text = document
        .to_pretty_json()
        .expect("a document made of texts, numbers and lists can be written");
    (router, text + "\n")
}

/// The OpenAPI document as text, as it is checked in and as `/api/v1/openapi.json` gives it.
pub fn openapi_json() -> String {
    routes_and_document().1
}
