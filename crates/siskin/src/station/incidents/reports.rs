//! Reports of incidents: drafts from the data, what people fill in, and versions that are signed.
//!
//! A signed version is on disk, whole, before the ledger names it; no later one replaces it. Must
//! never sign by itself, nor sign what somebody has not seen: the signature names the version and
//! the sum of the draft that they looked at.

use siskin_api::backend::BackendError;
use siskin_api::contract::{
    FillReportRequest, FillingView, ReportDraftView, ReportFieldView, ReportFormat, ReportKindView,
    ReportSourceView, ReportsView, SignReportRequest, SignedReportView,
};
use siskin_api::incidents::IncidentFault;
use siskin_api::reports::{MissingField, ReportFault, Reports};
use siskin_model::incident::{
    Act, ActRefused, FILE_BYTES_MAX, FileRef, Filling, Incident, IncidentId, ReportKind,
    SignedReport,
};
use siskin_model::{Timestamp, Who};
use siskin_report::{Field, FieldValue, Report, Source, fields};

use super::{files, views, words};
use crate::report::{Format, Gathered, Stores, draft, load_font, render};
use crate::station::backend::StationBackend;
use crate::station::views as station_views;

fn failed(error: impl std::fmt::Display) -> BackendError {
    BackendError::Unavailable(format!("{error:#}"))
}

impl Reports for StationBackend {
    fn reports(&self, id: &str) -> Result<ReportsView, BackendError> {
        let incident = self.incidents.incident(&IncidentId::from_text(id))?;
        let offset_s = self.incidents.offset_s();
        let font = load_font(&self.incidents.settings.incidents.office);
        Ok(ReportsView {
            incident: incident.id.to_string(),
            signed: incident.reports.iter().map(|one| signed_view(one, offset_s)).collect(),
            next_versions: ReportKind::ALL
                .into_iter()
                .map(|kind| (kind.as_str().to_owned(), incident.next_version(kind)))
                .collect(),
            font_failure: font.err().map(|error| error.to_string()),
        })
    }

    fn report_draft(
        &self,
        id: &str,
        kind: ReportKindView,
    ) -> Result<ReportDraftView, BackendError> {
        let incident = self.incidents.incident(&IncidentId::from_text(id))?;
        let report = self.draft_of(&incident, kind_of(kind))?;
        draft_view(&report)
    }

    fn fill_report(
        &self,
        who: &Who,
        id: &str,
        kind: ReportKindView,
        request: &FillReportRequest,
    ) -> Result<ReportDraftView, BackendError> {
        let (desk, kind) = (&self.incidents, kind_of(kind));
        let id = IncidentId::from_text(id);
        super::backend::may_act(who, &desk.incident(&id)?)?;
        let mut said = std::collections::BTreeMap::new();
        for (field, filling) in request.fields.clone() {
            let filling = match filling {
                FillingView::Value(text) => Filling::Value(text),
                FillingView::NotApplicable(why) => Filling::NotApplicable(why),
            };
            said.insert(field, Some(filling));
        }
        said.extend(request.take_back.iter().map(|field| (field.clone(), None)));
        // The signature fills in who signs.
        let is_known = |field: &str| fields::find(kind, field).is_some() && field != "signer";
        if let Some(field) = said.keys().find(|field| !is_known(field)) {
            return Err(ReportFault::NoField { field: field.clone() }.into());
        }
        let fill = Act::ReportFill { report: kind, fields: said };
        let incident = desk.act(&who.name, &id, &[fill])?;
        draft_view(&self.draft_of(&incident, kind)?)
    }

    fn sign_report(
        &self,
        who: &Who,
        id: &str,
        kind: ReportKindView,
        request: &SignReportRequest,
    ) -> Result<SignedReportView, BackendError> {
        let (desk, kind) = (&self.incidents, kind_of(kind));
        let id = IncidentId::from_text(id);
        let incident = desk.incident(&id)?;
        super::backend::may_act(who, &incident)?;
        let (version, expected) = (request.version, incident.next_version(kind));
        if version > expected {
            let refused = ActRefused::ReportVersion { version, expected };
            return Err(words::refused(&refused).into());
        }
        let draft = self.draft_of(&incident, kind)?;
        let draft_sha256 = seen_sum(&draft)?;
        if version < expected || request.draft_sha256 != draft_sha256 {
            return Err(changed(&incident, kind, version));
        }
        let report = draft.signed(&who.name, desk.now());
        let missing: Vec<_> = report.missing().map(missing_field).collect();
        if !missing.is_empty() && !request.with_missing {
            return Err(ReportFault::Incomplete { missing }.into());
        }
        let signed = SignedReport {
            missing: u32::try_from(missing.len()).unwrap_or(u32::MAX),
            draft_sha256: Some(draft_sha256),
            ..self.keep(&incident, &report)?
        };
        let sign = Act::ReportSign { report: Box::new(signed.clone()) };
        // Between the draft and this moment somebody may have acted: their act is not in it.
        let entries = incident.entries;
        let is_same = |incident: &Incident| {
            if incident.entries == entries { Ok(()) } else { Err(ActRefused::ReportChanged) }
        };
        match desk.act_if(&who.name, &id, &[sign], is_same) {
            Ok(_) => Ok(signed_view(&signed, desk.offset_s())),
            Err(BackendError::Incident(IncidentFault::Report(ReportFault::Changed { .. }))) => {
                Err(changed(&desk.incident(&id)?, kind, version))
            }
            Err(error) => Err(error),
        }
    }

    fn report_document(
        &self,
        id: &str,
        kind: ReportKindView,
        version: u32,
        format: ReportFormat,
    ) -> Result<Vec<u8>, BackendError> {
        let (desk, kind) = (&self.incidents, kind_of(kind));
        let incident = desk.incident(&IncidentId::from_text(id))?;
        let format = match format {
            ReportFormat::Docx => Format::Docx,
            ReportFormat::Pdf => Format::Pdf,
        };
        let of = |one: &&SignedReport| one.kind == kind && one.version == version;
        let report = match incident.reports.iter().find(of) {
            None if version != 0 => return Err(ReportFault::NoVersion { version }.into()),
            None => self.draft_of(&incident, kind)?,
            Some(signed) => {
                let kept = match format {
                    Format::Docx => signed.docx.as_ref(),
                    Format::Pdf => signed.pdf.as_ref(),
                };
                if let Some(kept) = kept {
                    return self.kept(&incident, kept);
                }
                let data = self.kept(&incident, &signed.data)?;
                serde_json::from_slice(&data).map_err(failed)?
            }
        };
        let font = load_font(&desk.settings.incidents.office);
        let font = font.map_err(|error| ReportFault::NoFont { reason: error.to_string() })?;
        render(&report, format, &font).map_err(failed)
    }
}

impl StationBackend {
    fn draft_of(&self, incident: &Incident, kind: ReportKind) -> Result<Report, BackendError> {
        let desk = &self.incidents;
        let rules = self.rules.now.rules();
        let stores = Stores {
            settings: &desk.settings,
            rules: &rules,
            series: self.series.as_ref(),
            ledger: &desk.ledger,
        };
        let gathered = Gathered::read(&stores, incident, desk.now()).map_err(failed)?;
        Ok(draft(&gathered, kind))
    }

    /// Writes a version to disk: its data, and its documents where there is a font. Documents are
    /// made from the data as they are read again, so that they can be made again.
    fn keep(&self, incident: &Incident, report: &Report) -> Result<SignedReport, BackendError> {
        let desk = &self.incidents;
        let signed = report.signed.clone().ok_or_else(|| failed("the report is not signed"))?;
        let data = serde_json::to_vec(report).map_err(failed)?;
        let read: Report = serde_json::from_slice(&data).map_err(failed)?;
        let (mut docx, mut pdf) = (None, None);
        // A report is due by a time that the law sets: no font is no reason to be late.
        if let Ok(font) = load_font(&desk.settings.incidents.office) {
            docx = Some(render(&read, Format::Docx, &font).map_err(failed)?);
            pdf = Some(render(&read, Format::Pdf, &font).map_err(failed)?);
        }
        let keep = |extension: &str, bytes: &[u8]| -> Result<FileRef, BackendError> {
            let kind = report.kind.as_str();
            let name = format!("{}-{kind}-{}.{extension}", incident.id, report.version);
            if bytes.len() > FILE_BYTES_MAX {
                return Err(failed(format!("{name} is larger than 20 MiB")));
            }
            let sha256 = files::keep(&desk.folder, &incident.id, bytes).map_err(failed)?;
            Ok(FileRef { name, bytes: bytes.len() as u64, sha256 })
        };
        Ok(SignedReport {
            kind: report.kind,
            version: report.version,
            at: signed.at,
            by: signed.by,
            missing: 0,
            draft_sha256: None,
            data: keep("json", &data)?,
            docx: docx.map(|bytes| keep("docx", &bytes)).transpose()?,
            pdf: pdf.map(|bytes| keep("pdf", &bytes)).transpose()?,
        })
    }

    fn kept(&self, incident: &Incident, file: &FileRef) -> Result<Vec<u8>, BackendError> {
        let read = files::read(&self.incidents.folder, &incident.id, &file.sha256);
        read.map_err(|error| failed(format!("{}: {error}", file.name)))
    }
}

/// The sum of what somebody looks at in a draft.
fn seen_sum(draft: &Report) -> Result<String, BackendError> {
    Ok(files::sum(&serde_json::to_vec(&draft.seen()).map_err(failed)?))
}

/// What has changed since `version` was looked at.
fn changed(incident: &Incident, kind: ReportKind, version: u32) -> BackendError {
    let is_since = |one: &&SignedReport| one.kind == kind && one.version >= version;
    let newest = incident.reports.iter().rev().find(is_since);
    let signed = newest.map(|one| (one.version, one.by.clone()));
    ReportFault::Changed { signed }.into()
}

fn missing_field(field: &Field) -> MissingField {
    MissingField { id: field.id.clone(), name: field.name.clone() }
}

fn kind_of(kind: ReportKindView) -> ReportKind {
    match kind {
        ReportKindView::First => ReportKind::First,
        ReportKindView::FollowUp => ReportKind::FollowUp,
        ReportKindView::Final => ReportKind::Final,
    }
}

fn kind_view(kind: ReportKind) -> ReportKindView {
    match kind {
        ReportKind::First => ReportKindView::First,
        ReportKind::FollowUp => ReportKindView::FollowUp,
        ReportKind::Final => ReportKindView::Final,
    }
}

fn signed_view(signed: &SignedReport, offset_s: i32) -> SignedReportView {
    SignedReportView {
        kind: kind_view(signed.kind),
        version: signed.version,
        at: signed.at.rfc3339(offset_s),
        by: signed.by.clone(),
        missing: signed.missing,
        draft_sha256: signed.draft_sha256.clone(),
        data: views::file(&signed.data),
        docx: signed.docx.as_ref().map(views::file),
        pdf: signed.pdf.as_ref().map(views::file),
    }
}

fn draft_view(report: &Report) -> Result<ReportDraftView, BackendError> {
    let local = |at: Timestamp| at.rfc3339(report.utc_offset_s);
    let source = |source: &Source| match source {
        Source::Data { what, at } => {
            ReportSourceView { from: "data".to_owned(), what: what.clone(), at: local(*at) }
        }
        Source::Person { name, at } => {
            ReportSourceView { from: "person".to_owned(), what: name.clone(), at: local(*at) }
        }
    };
    let field = |field: &Field| {
        let (state, lines, reason) = match &field.value {
            FieldValue::Value { lines } => ("value", lines.clone(), None),
            FieldValue::Missing => ("missing", Vec::new(), None),
            FieldValue::NotApplicable { reason } => {
                ("not-applicable", Vec::new(), Some(reason.clone()))
            }
        };
        ReportFieldView {
            id: field.id.clone(),
            clause: field.clause.clone(),
            name: station_views::text(&field.name),
            question: station_views::text(&field.question),
            state: state.to_owned(),
            lines,
            reason,
            sources: field.sources.iter().map(source).collect(),
        }
    };
    Ok(ReportDraftView {
        incident: report.incident.clone(),
        kind: kind_view(report.kind),
        version: report.version,
        sha256: seen_sum(report)?,
        made_at: local(report.made_at),
        missing: report.missing().map(|field| field.id.clone()).collect(),
        fields: report.fields.iter().map(field).collect(),
    })
}
