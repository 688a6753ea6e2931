//! The record of alarms: page by page, ranked, and as a file.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Asker, sight};
use crate::alarm_records::{
    AlarmCursor, AlarmRecordsFault, AlarmsAsked, PAGE_DEFAULT, PAGE_MAX, WHOLE_MAX,
};
use crate::app::App;
use crate::backend::BackendError;
use crate::contract::{
    AlarmExportForm, AlarmExportQuery, AlarmOrder, AlarmRecordView, AlarmRecordsQuery,
    AlarmRecordsView, WarningStateView,
};
use crate::intake::{IntakeFault, QueryOf};
use crate::problem::Failure;
use crate::records::{RECORD_STREAMS_MAX, StreamFault};
use crate::routes::range;

/// How long an export may take: its records are read, and the file is made.
const EXPORT_WAIT_MAX: Duration = Duration::from_mins(1);

/// The routes with their part of the document.
pub(super) fn all() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(alarm_records)).routes(routes!(alarm_records_export))
}

/// Alarms that are active, that are over and wait for an acknowledgement, that are kept from
/// people, and history, as one table.
///
/// Newest begin first; give `next` back as `after` for the next page, also where a page is short or
/// empty. `order=ranked` gives what is not history at once: those that wait for somebody first,
/// then the highest tier, then the oldest. Alarms of drills are left out.
#[utoipa::path(
    get,
    path = "/alarm-records",
    params(AlarmRecordsQuery),
    responses(
        (status = 200, description = "A page", body = AlarmRecordsView),
        (status = 400, description = "The query cannot be used"),
        (status = 422, description = "Too many for one answer")
    )
)]
async fn alarm_records(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<AlarmRecordsQuery>,
) -> Result<Json<AlarmRecordsView>, Failure> {
    let asked = AlarmsAsked::of(&query)?.within(&sight::areas(&who));
    if query.order == AlarmOrder::Ranked {
        if query.after.is_some() || query.limit.is_some() {
            return Err(
                IntakeFault::query("order: ranked comes whole; leave out limit and after").into()
            );
        }
        let normal = WarningStateView::Normal;
        if asked.states.as_ref().is_some_and(|states| states.contains(&normal)) {
            return Err(IntakeFault::query("order: history has no rank; ask for newest").into());
        }
        return app.query(move |backend| backend.alarms_ranked(&asked)).await.map(Json);
    }
    let limit = range::limit(query.limit, PAGE_DEFAULT, PAGE_MAX)?.get();
    let after = query.after.as_deref().map(str::parse::<AlarmCursor>).transpose();
    let after = after.map_err(|_| IntakeFault::query("after: is no `next` of a page"))?;
    app.query(move |backend| backend.alarm_records(&asked, after.as_ref(), limit)).await.map(Json)
}

/// The alarms that fit the filter as one file, at most 50,000.
///
/// Times are local, and the heading names the zone. CSV: RFC 4180, UTF-8 with a byte order mark; a
/// text that a spreadsheet would take for a formula begins with `'`. That it was taken, and by
/// whom, is in the audit. Beyond the limit nothing is given (422).
#[utoipa::path(
    get,
    path = "/alarm-records/export",
    params(AlarmExportQuery),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        )),
        (status = 400, description = "The query cannot be used"),
        (status = 422, description = "Too many for one file"),
        (status = 503, description = "Too many exports, or none within a minute")
    )
)]
async fn alarm_records_export(
    State(app): State<App>,
    Asker(who): Asker,
    QueryOf(query): QueryOf<AlarmExportQuery>,
) -> Result<Response, Failure> {
    let (form, lang) = (query.format, query.lang);
    let asked = AlarmsAsked::of_export(query)?.within(&sight::areas(&who));
    let Ok(place) = Arc::clone(&app.record_streams).try_acquire_owned() else {
        return Err(StreamFault::TooMany { streams_max: RECORD_STREAMS_MAX }.into());
    };
    let made = async {
        let records = whole(&app, &asked).await?;
        let backend = Arc::clone(&app.backend);
        let work = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, even when nobody waits for it any more.
            let _place = place;
            backend.alarm_file(&who, &asked, &records, form, lang)
        });
        work.await.map_err(|_panicked| Failure::Internal)?.map_err(Failure::from)
    };
    let Ok(bytes) = tokio::time::timeout(EXPORT_WAIT_MAX, made).await else {
        return Err(Failure::NoAnswer { seconds: EXPORT_WAIT_MAX.as_secs() });
    };
    let bytes = bytes?;
    let (media_type, name) = match form {
        AlarmExportForm::Csv => ("text/csv; charset=utf-8", "alarms.csv"),
        AlarmExportForm::Xlsx => {
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "alarms.xlsx")
        }
    };
    let headers = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}

/// All records that fit, a page at a time: nobody else waits for all of them. More than a file
/// holds is a fault, not a part.
async fn whole(app: &App, asked: &AlarmsAsked) -> Result<Vec<AlarmRecordView>, Failure> {
    let (mut records, mut after) = (Vec::new(), None::<AlarmCursor>);
    loop {
        let (asked, place) = (asked.clone(), after.take());
        let page = app
            .query(move |backend| backend.alarm_records(&asked, place.as_ref(), PAGE_MAX as usize))
            .await?;
        records.extend(page.records);
        if records.len() > WHOLE_MAX {
            return Err(BackendError::from(AlarmRecordsFault::TooMany).into());
        }
        match page.next {
            None => return Ok(records),
            Some(next) => after = Some(next.parse().map_err(|_| Failure::Internal)?),
        }
    }
}
