//! Written reports of an incident: what people filled in, and the versions that were signed.
//!
//! A signed version is never replaced: a later one has the next number. The texts themselves are
//! made by `siskin-report`; here is only what must be remembered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ActRefused, FileRef, Incident};
use crate::Timestamp;

/// The most versions of one kind of report.
pub const REPORT_VERSIONS_MAX: usize = 100;

/// A kind of report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// 初报.
    First,
    /// 续报.
    FollowUp,
    /// 处理结果报告.
    Final,
}

impl ReportKind {
    /// Every kind, in the order in which they are due.
    pub const ALL: [Self; 3] = [Self::First, Self::FollowUp, Self::Final];

    /// The wire name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::FollowUp => "follow-up",
            Self::Final => "final",
        }
    }

    /// The kind with this wire name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What a person says about a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filling {
    /// Its value.
    Value(String),
    /// It does not apply, and why.
    NotApplicable(String),
}

/// A field as a person filled it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledField {
    /// What they said.
    pub filling: Filling,
    /// Who.
    pub by: String,
    /// When, by the station's clock.
    pub at: Timestamp,
}

/// A signed version; its files are on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedReport {
    /// Of which kind.
    pub kind: ReportKind,
    /// Its number among those of its kind, from 1.
    pub version: u32,
    /// When it was signed.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// How many fields had no value.
    pub missing: u32,
    /// SHA-256 of the draft that the signer looked at; none where it was signed before that was
    /// asked for.
    #[serde(default)]
    pub draft_sha256: Option<String>,
    /// The whole report as data; the documents can be made from it again.
    pub data: FileRef,
    /// The document as DOCX; none where no font was found.
    pub docx: Option<FileRef>,
    /// The document as PDF; none where no font was found.
    pub pdf: Option<FileRef>,
}

/// What people filled in, by kind of report and field.
pub type FilledFields = BTreeMap<ReportKind, BTreeMap<String, FilledField>>;

impl Incident {
    /// The number of the next version of a report.
    pub fn next_version(&self, kind: ReportKind) -> u32 {
        let newest = self.reports.iter().filter(|one| one.kind == kind).map(|one| one.version);
        newest.max().map_or(1, |newest| newest.saturating_add(1))
    }

    /// What a person last said about a field, in this report or in one before it.
    pub fn filled(&self, kind: ReportKind, field: &str) -> Option<&FilledField> {
        let until = ReportKind::ALL.into_iter().rev().filter(|one| *one <= kind);
        until.filter_map(|kind| self.filled.get(&kind)).find_map(|fields| fields.get(field))
    }

    pub(super) fn fill_report(
        &mut self,
        kind: ReportKind,
        fields: BTreeMap<String, Option<Filling>>,
        (by, at): (&str, Timestamp),
    ) {
        let of_kind = self.filled.entry(kind).or_default();
        for (field, filling) in fields {
            match filling {
                Some(filling) => {
                    of_kind.insert(field, FilledField { filling, by: by.to_owned(), at });
                }
                None => {
                    of_kind.remove(&field);
                }
            }
        }
    }

    pub(super) fn sign_report(&mut self, report: SignedReport) -> Result<(), ActRefused> {
        let expected = self.next_version(report.kind);
        if report.version != expected {
            return Err(ActRefused::ReportVersion { version: report.version, expected });
        }
        let signed = self.reports.iter().filter(|one| one.kind == report.kind).count();
        if signed >= REPORT_VERSIONS_MAX {
            return Err(ActRefused::TooManyReports);
        }
        self.reports.push(report);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::Act;
    use crate::incident::act::tests::{at, by_hand, taken};

    fn filled(kind: ReportKind, field: &str, filling: Option<Filling>) -> Act {
        Act::ReportFill { report: kind, fields: [(field.to_owned(), filling)].into() }
    }

    fn signed(kind: ReportKind, version: u32) -> Act {
        let file = |name: &str| FileRef { name: name.into(), bytes: 1, sha256: "ab".into() };
        Act::ReportSign {
            report: Box::new(SignedReport {
                kind,
                version,
                at: at(5),
                by: "韩梅梅".to_owned(),
                missing: 0,
                draft_sha256: None,
                data: file("a.json"),
                docx: Some(file("a.docx")),
                pdf: None,
            }),
        }
    }

    #[test]
    fn a_later_report_says_what_an_earlier_one_was_told() {
        let value = |text: &str| Some(Filling::Value(text.to_owned()));
        let first = filled(ReportKind::First, "cause", value("阀门泄漏"));
        let incident = taken(&by_hand(), first, 1);
        let check = |incident: &Incident, kind, expected: Option<&str>| {
            let found = incident.filled(kind, "cause").map(|field| field.filling.clone());
            assert_eq!(found, expected.and_then(value));
        };
        check(&incident, ReportKind::First, Some("阀门泄漏"));
        check(&incident, ReportKind::Final, Some("阀门泄漏"));
        let later = filled(ReportKind::FollowUp, "cause", value("法兰泄漏"));
        let incident = taken(&incident, later, 2);
        check(&incident, ReportKind::First, Some("阀门泄漏"));
        check(&incident, ReportKind::FollowUp, Some("法兰泄漏"));
        check(&incident, ReportKind::Final, Some("法兰泄漏"));
        let back = taken(&incident, filled(ReportKind::FollowUp, "cause", None), 3);
        check(&back, ReportKind::Final, Some("阀门泄漏"));
        check(&by_hand(), ReportKind::Final, None);
    }

    #[test]
    fn versions_follow_each_other_and_none_is_replaced() {
        let incident = taken(&by_hand(), signed(ReportKind::First, 1), 1);
        let again = incident.take(signed(ReportKind::First, 1), "韩梅梅", at(2));
        let refused = ActRefused::ReportVersion { version: 1, expected: 2 };
        assert_eq!(again.unwrap_err(), refused);
        let incident = taken(&incident, signed(ReportKind::First, 2), 2);
        let incident = taken(&incident, signed(ReportKind::Final, 1), 3);
        assert_eq!(incident.next_version(ReportKind::First), 3);
        assert_eq!(incident.reports.len(), 3);
    }

    #[test]
    fn an_incident_from_before_reports_is_read() {
        let mut old = serde_json::to_value(by_hand()).unwrap();
        let fields = old.as_object_mut().unwrap();
        assert!(fields.remove("filled").is_some() && fields.remove("reports").is_some());
        assert_eq!(serde_json::from_value::<Incident>(old).unwrap(), by_hand());
    }

    #[test]
    fn kinds_have_their_names() {
        for kind in ReportKind::ALL {
            assert_eq!(ReportKind::from_name(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.as_str()));
        }
        assert_eq!(ReportKind::from_name("last"), None);
    }
}
