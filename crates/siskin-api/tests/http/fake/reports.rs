//! The fake's reports: a draft that lacks one field, and one version that was signed.

use std::collections::BTreeMap;

use siskin_api::{
    BackendError, FillReportRequest, FillingView, IncidentFault, IncidentFileView, MissingField,
    ReportDraftView, ReportFault, ReportFieldView, ReportFormat, ReportKindView, Reports,
    ReportsView, SignReportRequest, SignedReportView, TextView,
};
use siskin_model::{Text, Who};

use super::{AT, Fake, INCIDENT};

/// The sum of the draft.
const SEEN: &str = "cd";

fn known(id: &str) -> Result<(), BackendError> {
    if id == INCIDENT {
        return Ok(());
    }
    Err(IncidentFault::NotFound { id: id.to_owned() }.into())
}

fn draft(kind: ReportKindView, cause: Option<FillingView>) -> ReportDraftView {
    let text = || TextView { zh: "起因".to_owned(), en: "cause".to_owned() };
    let (state, lines, reason) = match cause {
        Some(FillingView::Value(text)) => ("value", vec![text], None),
        Some(FillingView::NotApplicable(why)) => ("not-applicable", Vec::new(), Some(why)),
        None => ("missing", Vec::new(), None),
    };
    let field = ReportFieldView {
        id: "cause".to_owned(),
        clause: "第十二条（初报）".to_owned(),
        name: text(),
        question: text(),
        state: state.to_owned(),
        lines,
        reason,
        sources: Vec::new(),
    };
    let missing = if state == "missing" { vec!["cause".to_owned()] } else { Vec::new() };
    ReportDraftView {
        incident: INCIDENT.to_owned(),
        kind,
        version: 2,
        sha256: SEEN.to_owned(),
        made_at: AT.to_owned(),
        missing,
        fields: vec![field],
    }
}

fn signed(kind: ReportKindView, version: u32, by: &str) -> SignedReportView {
    let data = IncidentFileView { name: "a.json".to_owned(), bytes: 1, sha256: "ab".to_owned() };
    SignedReportView {
        kind,
        version,
        at: AT.to_owned(),
        by: by.to_owned(),
        missing: 1,
        draft_sha256: None,
        data,
        docx: None,
        pdf: None,
    }
}

impl Reports for Fake {
    fn reports(&self, id: &str) -> Result<ReportsView, BackendError> {
        known(id)?;
        Ok(ReportsView {
            incident: id.to_owned(),
            signed: vec![signed(ReportKindView::First, 1, "li")],
            next_versions: BTreeMap::from([("first".to_owned(), 2)]),
            font_failure: None,
        })
    }

    fn report_draft(
        &self,
        id: &str,
        kind: ReportKindView,
    ) -> Result<ReportDraftView, BackendError> {
        known(id)?;
        Ok(draft(kind, None))
    }

    fn fill_report(
        &self,
        _who: &Who,
        id: &str,
        kind: ReportKindView,
        request: &FillReportRequest,
    ) -> Result<ReportDraftView, BackendError> {
        known(id)?;
        if let Some(field) = request.fields.keys().find(|field| *field != "cause") {
            return Err(ReportFault::NoField { field: field.clone() }.into());
        }
        Ok(draft(kind, request.fields.get("cause").cloned()))
    }

    fn sign_report(
        &self,
        who: &Who,
        id: &str,
        kind: ReportKindView,
        request: &SignReportRequest,
    ) -> Result<SignedReportView, BackendError> {
        known(id)?;
        if request.draft_sha256 != SEEN {
            let signed = (request.version == 1).then(|| (1, "wang".to_owned()));
            return Err(ReportFault::Changed { signed }.into());
        }
        if !request.with_missing {
            let cause =
                MissingField { id: "cause".to_owned(), name: Text::new("事件起因", "cause") };
            let people =
                MissingField { id: "deaths".to_owned(), name: Text::new("死亡人数", "deaths") };
            return Err(ReportFault::Incomplete { missing: vec![cause, people] }.into());
        }
        Ok(signed(kind, request.version, &who.name))
    }

    fn report_document(
        &self,
        id: &str,
        _kind: ReportKindView,
        version: u32,
        format: ReportFormat,
    ) -> Result<Vec<u8>, BackendError> {
        known(id)?;
        match (version, format) {
            (0 | 1, ReportFormat::Pdf) => Ok(b"%PDF".to_vec()),
            (0 | 1, ReportFormat::Docx) => {
                Err(ReportFault::NoFont { reason: "no font; hint: install one".to_owned() }.into())
            }
            (version, _) => Err(ReportFault::NoVersion { version }.into()),
        }
    }
}
