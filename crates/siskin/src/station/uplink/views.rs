//! Uplinks as the API shows them.

use siskin_api::contract::{UplinkMessageView, UplinkView};
use siskin_model::Timestamp;
use siskin_model::site::Hj212Version;
use siskin_model::uplink::{Uplink, UplinkCause, UplinkMessage};
use siskin_notify::hj212::{UplinkStatus, Uplinks};

use super::text_view;

pub(super) fn uplink(
    uplink: &Uplink,
    status: &UplinkStatus,
    now: Timestamp,
    offset_s: i32,
) -> UplinkView {
    let shown = |at: Option<Timestamp>| at.map(|at| at.rfc3339(offset_s));
    let summary = status.summary.clone().unwrap_or_default();
    let notices = Uplinks::notices(uplink, status, now);
    UplinkView {
        uplink: uplink.id.clone(),
        name: text_view(&uplink.name),
        address: format!("{}:{}", uplink.host, uplink.port),
        version: match uplink.version {
            Hj212Version::V2005 => "2005",
            Hj212Version::V2017 => "2017",
            Hj212Version::V2025 => "2025",
        }
        .to_owned(),
        mn: uplink.mn.clone(),
        link: status.link.as_str().to_owned(),
        since: status.since.rfc3339(offset_s),
        last_error: status.last_error.as_ref().map(text_view),
        last_accepted_at: shown(summary.accepted_at),
        oldest_unanswered_at: shown(summary.oldest_open_at),
        unanswered: summary.open,
        accepted: summary.accepted,
        failed: summary.failed,
        periods_skipped: summary.skipped,
        connections: status.connections,
        answers_wrong: status.answers_wrong,
        answers_again: status.answers_again,
        frames_bad: status.frames_bad,
        commands: status.commands,
        commands_refused: status.commands_refused,
        last_refused: status.last_refused.as_ref().map(text_view),
        clock_off_ms: status.clock_off_ms,
        real_time_s: status.intervals.real_time_s,
        minute_min: status.intervals.minute_min,
        over_time_s: status.patience.over_time_s,
        re_count: status.patience.re_count,
        real_time_stopped: status.real_time_stopped,
        set_by_centre: status.set_by_centre.clone(),
        notices: notices.iter().map(text_view).collect(),
    }
}

pub(super) fn message(message: &UplinkMessage, offset_s: i32) -> UplinkMessageView {
    let shown = |at: Timestamp| at.rfc3339(offset_s);
    let (parts, part) = message.draft.part;
    UplinkMessageView {
        id: message.id,
        qn: siskin_wire::hj212::moment::to_milli(message.qn, offset_s),
        kind: message.draft.kind.as_str().to_owned(),
        asked: message.draft.cause == UplinkCause::Asked,
        data_time: shown(message.draft.data_time),
        parts,
        part,
        content: message.draft.cp.clone(),
        state: message.state.as_str().to_owned(),
        tries: message.tries,
        queued_at: shown(message.queued_at),
        sent_at: message.sent_at.map(shown),
        ended_at: message.ended_at.map(shown),
        answer: message.answer.clone(),
    }
}
