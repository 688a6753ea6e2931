//! Lines of the stream, as JSON or as CSV.

use std::io::Write as _;

use crate::contract::{RecordLineView, RecordsCountView, RecordsEndView};

/// How the lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A JSON object a line.
    Json,
    /// Comma-separated values.
    Csv,
}

impl Form {
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// What stands before the first reading.
    pub(super) fn head(self) -> &'static str {
        match self {
            Self::Json => "",
            Self::Csv => "channel,measured_at_ms,received_at_ms,value,quality,origin\n",
        }
    }

    pub(super) fn reading(self, out: &mut Vec<u8>, line: &RecordLineView) -> std::io::Result<()> {
        match self {
            Self::Json => serde_json::to_writer(&mut *out, line)?,
            Self::Csv => {
                let record = &line.record;
                let (channel, at, got) =
                    (&line.channel, record.measured_at_ms, record.received_at_ms);
                write!(out, "{channel},{at},{got},")?;
                if let Some(value) = record.value {
                    write!(out, "{value}")?;
                }
                write!(out, ",{},{}", word(record.quality)?, word(record.origin)?)?;
            }
        }
        out.push(b'\n');
        Ok(())
    }

    pub(super) fn end(self, out: &mut Vec<u8>, end: &RecordsEndView) -> std::io::Result<()> {
        if self == Self::Csv {
            for RecordsCountView { channel, trimmed, .. } in &end.channels {
                for span in trimmed {
                    writeln!(out, "# trimmed: {channel},{},{}", span.from_ms, span.to_ms)?;
                }
            }
        }
        match (self, &end.error) {
            (Self::Json, _) => serde_json::to_writer(&mut *out, end)?,
            (Self::Csv, None) => write!(out, "# complete: {} readings", end.readings)?,
            (Self::Csv, Some(problem)) => {
                let detail = problem.detail.replace(['\r', '\n'], " ");
                let detail_zh = problem.detail_zh.replace(['\r', '\n'], " ");
                let kind = &problem.kind;
                let readings = end.readings;
                write!(out, "# error after {readings} readings: {kind}: {detail} {detail_zh}")?;
            }
        }
        out.push(b'\n');
        Ok(())
    }
}

/// The word of a unit variant on the wire.
fn word(value: impl serde::Serialize) -> std::io::Result<String> {
    let text = serde_json::to_string(&value)?;
    Ok(text.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{OriginView, Problem, QualityView, RecordView, TrimmedView};

    #[track_caller]
    fn check(form: Form, value: Option<f64>, expected: &str) {
        let record = RecordView {
            measured_at_ms: 5,
            received_at_ms: 7,
            value,
            quality: QualityView::OverRange,
            origin: OriginView::Backlog,
        };
        let mut out = Vec::new();
        let line = RecordLineView { channel: "at-1".to_owned(), record };
        form.reading(&mut out, &line).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_reading_is_a_line() {
        check(
            Form::Json,
            Some(0.1),
            "{\"channel\":\"at-1\",\"measured_at_ms\":5,\"received_at_ms\":7,\"value\":0.1,\
             \"quality\":\"over-range\",\"origin\":\"backlog\"}\n",
        );
        check(Form::Csv, Some(0.1), "at-1,5,7,0.1,over-range,backlog\n");
        check(Form::Csv, None, "at-1,5,7,,over-range,backlog\n");
    }

    #[test]
    fn the_end_of_a_csv_is_one_line_whatever_went_wrong() {
        let problem = Problem {
            kind: "/problems/x".to_owned(),
            title: String::new(),
            status: 503,
            detail: "two\nlines".to_owned(),
            detail_zh: "两\r行".to_owned(),
            report: None,
            fields: None,
        };
        let check = |error, expected: &str| {
            let mut out = Vec::new();
            let (complete, channels) = (false, Vec::new());
            let end = RecordsEndView { complete, readings: 3, channels, error };
            Form::Csv.end(&mut out, &end).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        };
        let told = "# error after 3 readings: /problems/x: two lines 两 行\n";
        check(Some(problem), told);
        check(None, "# complete: 3 readings\n");
    }

    #[test]
    fn what_was_deleted_stands_before_the_last_line() {
        let span = |from_ms, to_ms| TrimmedView { from_ms, to_ms };
        let count = |channel: &str, trimmed| RecordsCountView {
            channel: channel.to_owned(),
            unit: "ppm".to_owned(),
            readings: 0,
            trimmed,
        };
        let channels = vec![count("at-1", vec![span(0, 5), span(7, 9)]), count("at-2", vec![])];
        let end = RecordsEndView { complete: true, readings: 0, channels, error: None };
        let mut out = Vec::new();
        Form::Csv.end(&mut out, &end).unwrap();
        let expected = "# trimmed: at-1,0,5\n# trimmed: at-1,7,9\n# complete: 0 readings\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
