//! Reports of incidents: drafts, what people fill in, signatures, documents.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Asker;
use crate::app::App;
use crate::contract::{
    FillReportRequest, FillingView, Problem, ReportDocumentQuery, ReportDraftView, ReportFormat,
    ReportKindView, ReportsView, SignReportRequest, SignedReportView,
};
use crate::intake::{BodyOf, IdOf, IntakeFault, QueryOf, text_of_person};
use crate::problem::Failure;

/// The longest text of a field.
const TEXT_LEN_MAX: usize = 2000;
/// The most fields of one request.
const FIELDS_MAX: usize = 100;

type OfKind = Result<Path<(String, ReportKindView)>, PathRejection>;

/// All routes.
pub(super) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reports))
        .routes(routes!(report_draft))
        .routes(routes!(fill_report))
        .routes(routes!(sign_report))
        .routes(routes!(report_document))
}

fn bad_path(rejection: &PathRejection) -> IntakeFault {
    IntakeFault::Path { reason: rejection.body_text() }
}

/// Signed reports of an incident, and what can be made next.
#[utoipa::path(
    get,
    path = "/incidents/{id}/reports",
    params(("id" = String, Path, description = "Id of the incident")),
    responses(
        (status = 200, description = "The reports", body = ReportsView)
    )
)]
async fn reports(State(app): State<App>, IdOf(id): IdOf) -> Result<Json<ReportsView>, Failure> {
    app.call(move |backend| backend.reports(&id)).await.map(Json)
}

/// A report as it stands: every field with its value and source, or that it is missing.
#[utoipa::path(
    get,
    path = "/incidents/{id}/reports/{kind}/draft",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("kind" = ReportKindView, Path, description = "Which report")
    ),
    responses(
        (status = 200, description = "The draft", body = ReportDraftView)
    )
)]
async fn report_draft(
    State(app): State<App>,
    path: OfKind,
) -> Result<Json<ReportDraftView>, Failure> {
    let Path((id, kind)) = path.map_err(|rejection| bad_path(&rejection))?;
    app.query(move |backend| backend.report_draft(&id, kind)).await.map(Json)
}

/// Fills in fields of a report. Answers once it is on disk.
#[utoipa::path(
    post,
    path = "/incidents/{id}/reports/{kind}/fields",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("kind" = ReportKindView, Path, description = "Which report")
    ),
    request_body = FillReportRequest,
    responses(
        (status = 200, description = "The draft after it", body = ReportDraftView)
    )
)]
async fn fill_report(
    State(app): State<App>,
    Asker(who): Asker,
    path: OfKind,
    BodyOf(mut request): BodyOf<FillReportRequest>,
) -> Result<Json<ReportDraftView>, Failure> {
    let Path((id, kind)) = path.map_err(|rejection| bad_path(&rejection))?;
    let count = request.fields.len() + request.take_back.len();
    if !(1..=FIELDS_MAX).contains(&count) {
        let reason = format!("has {count} items, not 1 to {FIELDS_MAX}");
        return Err(IntakeFault::Body { field: "fields".to_owned(), reason }.into());
    }
    for filling in request.fields.values_mut() {
        let (field, text) = match filling {
            FillingView::Value(text) => ("value", text),
            FillingView::NotApplicable(text) => ("not_applicable", text),
        };
        *text = text_of_person(field, text, 1..=TEXT_LEN_MAX)?;
    }
    app.query(move |backend| backend.fill_report(&who, &id, kind, &request)).await.map(Json)
}

/// Signs a report in the name of whoever asks. Answers once it is on disk, whole.
#[utoipa::path(
    post,
    path = "/incidents/{id}/reports/{kind}/sign",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("kind" = ReportKindView, Path, description = "Which report")
    ),
    request_body = SignReportRequest,
    responses(
        (status = 200, description = "The version", body = SignedReportView),
        (status = 409, description = "Fields are missing, or the draft has changed",
            body = Problem, content_type = "application/problem+json")
    )
)]
async fn sign_report(
    State(app): State<App>,
    Asker(who): Asker,
    path: OfKind,
    BodyOf(request): BodyOf<SignReportRequest>,
) -> Result<Json<SignedReportView>, Failure> {
    let Path((id, kind)) = path.map_err(|rejection| bad_path(&rejection))?;
    app.query(move |backend| backend.sign_report(&who, &id, kind, &request)).await.map(Json)
}

/// A version as a document; version 0 is the draft as it stands.
#[utoipa::path(
    get,
    path = "/incidents/{id}/reports/{kind}/{version}",
    params(
        ("id" = String, Path, description = "Id of the incident"),
        ("kind" = ReportKindView, Path, description = "Which report"),
        ("version" = u32, Path, description = "Its number; 0 is the draft"),
        ReportDocumentQuery
    ),
    responses(
        (status = 200, description = "The document", content(
            (String = "application/pdf"),
            (String = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        ))
    )
)]
async fn report_document(
    State(app): State<App>,
    path: Result<Path<(String, ReportKindView, u32)>, PathRejection>,
    QueryOf(query): QueryOf<ReportDocumentQuery>,
) -> Result<Response, Failure> {
    let Path((id, kind, version)) = path.map_err(|rejection| bad_path(&rejection))?;
    let format = query.format;
    let (kind_of, extension) = match format {
        ReportFormat::Docx => {
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")
        }
        ReportFormat::Pdf => ("application/pdf", "pdf"),
    };
    let ask =
        move |backend: &dyn crate::Backend| backend.report_document(&id, kind, version, format);
    let bytes = app.query(ask).await?;
    let disposition = format!("attachment; filename=\"report.{extension}\"");
    let headers = [(CONTENT_TYPE, kind_of.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}
