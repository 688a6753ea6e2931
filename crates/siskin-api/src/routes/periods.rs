//! Reports of a shift, a day or a month: figures, or the same as a document.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::contract::{PeriodQuery, PeriodReportView, ReportFormat};
use crate::intake::QueryOf;
use crate::problem::Failure;

/// Figures of the shift, the local day or the local month that `at` lies in. Drills are left out.
#[utoipa::path(
    get,
    path = "/reports/periods",
    params(PeriodQuery),
    responses(
        (status = 200, description = "The figures, or the document", content(
            (PeriodReportView = "application/json"),
            (String = "application/pdf"),
            (String = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        )),
        (status = 400, description = "The query cannot be used"),
        (status = 404, description = "No shift at this time"),
        (status = 422, description = "Too much in the span"),
        (status = 503, description = "No font for documents, or not possible now")
    )
)]
pub(super) async fn period_report(
    State(app): State<App>,
    QueryOf(query): QueryOf<PeriodQuery>,
) -> Result<Response, Failure> {
    let PeriodQuery { kind, at, format } = query;
    let Some(format) = format else {
        let found = app.period(move |backend| backend.period_report(kind, at.as_deref())).await?;
        return Ok(Json(found).into_response());
    };
    let bytes =
        app.period(move |backend| backend.period_document(kind, at.as_deref(), format)).await?;
    let (media_type, extension) = match format {
        ReportFormat::Docx => {
            ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")
        }
        ReportFormat::Pdf => ("application/pdf", "pdf"),
    };
    let disposition = format!("attachment; filename=\"report.{extension}\"");
    let headers = [(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, bytes).into_response())
}
