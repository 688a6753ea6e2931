//! The stream of stored readings: one line a reading, for ranges that no single answer may hold.
//!
//! Never holds more than a piece of it in memory, reads on only when the client has taken what was
//! read, and always says with its last line whether it is whole: a stream that was cut can never
//! pass for all there is.

mod fault;
mod lines;
mod running;
mod walk;

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use siskin_model::{ChannelId, Who};

pub(crate) use self::fault::StreamFault;
use self::lines::Form;
use self::walk::Walk;
use crate::access::Pass;
use crate::access::sight::Sight;
use crate::app::App;
use crate::backend::{Backend, BackendError};
use crate::contract::RecordsStreamQuery;
use crate::intake::QueryOf;
use crate::problem::Failure;
use crate::routes::range;

/// Streams at the same time; more are refused.
pub(crate) const RECORD_STREAMS_MAX: usize = 4;

/// Stored readings of several channels, one line each.
///
/// Hour by hour (UTC), in each hour channel by channel as asked for, in each channel in order of
/// time. A line is a RecordLineView, the last one a RecordsEndView: without it the stream was cut,
/// and with `complete` false its `error` says why. With `Accept: text/csv` the same as CSV with a
/// line of names, and the last line begins with `# complete` or `# error`. What retention has
/// deleted of a channel is in its `trimmed` of the last line (CSV: lines `# trimmed` before it).
#[utoipa::path(
    get,
    path = "/records",
    params(RecordsStreamQuery),
    responses(
        (status = 200, description = "The stream", content(
            (String = "application/x-ndjson"),
            (String = "text/csv")
        )),
        (status = 400, description = "The query cannot be used"),
        (status = 404, description = "No such channel"),
        (status = 503, description = "Too many streams")
    )
)]
pub(crate) async fn stream(
    State(app): State<App>,
    pass: Pass,
    headers: HeaderMap,
    QueryOf(query): QueryOf<RecordsStreamQuery>,
) -> Result<Response, Failure> {
    let (from, to) = range::of(query.from_ms, query.to_ms)?;
    let asked = query.channels.as_deref().map(range::channels).transpose()?;
    let Ok(place) = Arc::clone(&app.record_streams).try_acquire_owned() else {
        return Err(StreamFault::TooMany { streams_max: RECORD_STREAMS_MAX }.into());
    };
    let form = form(&headers);
    let who = pass.known.who.clone();
    let channels = app.call(move |backend| with_units(backend, &who, asked)).await?;
    let walk = Walk::new(channels, from, to, form);
    let body = Body::from_stream(running::run(app, walk, pass, place));
    Ok(([(CONTENT_TYPE, form.media_type())], body).into_response())
}

fn with_units(
    backend: &dyn Backend,
    who: &Who,
    asked: Option<Vec<ChannelId>>,
) -> Result<Vec<(ChannelId, String)>, BackendError> {
    let mut all = backend.channel_units();
    if let Some(sight) = Sight::of(backend, who) {
        all.retain(|(channel, _)| sight.channel(channel.as_str()));
    }
    let Some(asked) = asked else {
        return Ok(all);
    };
    let units: HashMap<_, _> = all.into_iter().collect();
    let with_unit = |id: ChannelId| {
        let unit = units.get(&id).cloned();
        unit.map(|unit| (id.clone(), unit))
            .ok_or_else(|| BackendError::ChannelNotFound(id.to_string()))
    };
    asked.into_iter().map(with_unit).collect()
}

/// Whether a table is asked for.
pub(crate) fn wants_csv(headers: &HeaderMap) -> bool {
    form(headers) == Form::Csv
}

fn form(headers: &HeaderMap) -> Form {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(',')).map(media_type);
    if types.any(|name| name.eq_ignore_ascii_case("text/csv")) { Form::Csv } else { Form::Json }
}

fn media_type(item: &str) -> &str {
    item.split(';').next().unwrap_or_default().trim()
}
