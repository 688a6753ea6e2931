//! What the API needs from the station about duty: contacts, rosters, hand-overs, response cards.
//! Part of [`crate::Backend`], and what can be wrong with such an act.
//!
//! Every act names who asks; it is never taken from the body. Acts return once they are on disk.

use axum::http::StatusCode;
use siskin_model::{ContactId, Timestamp, WarningId, Who};

use crate::backend::BackendError;
use crate::contract::{
    CardView, ContactRequest, ContactView, DutyView, HandOverRequest, HandOverView,
    RosterDifferenceView, RosterForm, RosterImportRequest, ShiftView, SubstitutionRequest,
};
use crate::problem::Kind;

/// Duty at a station.
pub trait Duty: Send + Sync + 'static {
    /// Who is on duty now, what changes next, gaps and hand-overs that are open.
    fn duty(&self) -> Result<DutyView, BackendError>;
    /// The contact book.
    fn contacts(&self) -> Result<Vec<ContactView>, BackendError>;
    /// Writes a contact in the place of the one with its id.
    fn put_contact(
        &self,
        who: &Who,
        id: &ContactId,
        request: &ContactRequest,
    ) -> Result<ContactView, BackendError>;
    /// Takes a contact out of the book.
    fn end_contact(&self, who: &Who, id: &ContactId) -> Result<Vec<ContactView>, BackendError>;
    /// Shifts that run in [from, to).
    fn shifts(&self, from: Timestamp, to: Timestamp) -> Result<Vec<ShiftView>, BackendError>;
    /// The shifts of [from, to) as a file.
    fn export_roster(
        &self,
        from: Timestamp,
        to: Timestamp,
        form: RosterForm,
    ) -> Result<String, BackendError>;
    /// Compares a roster with the one that is known, and unless it is a dry run takes it.
    fn import_roster(
        &self,
        who: &Who,
        request: &RosterImportRequest,
    ) -> Result<RosterDifferenceView, BackendError>;
    /// Somebody comes instead.
    fn substitute(
        &self,
        who: &Who,
        request: &SubstitutionRequest,
    ) -> Result<ShiftView, BackendError>;
    /// Hand-overs, newest first, at most `limit`.
    fn handovers(&self, limit: usize) -> Result<Vec<HandOverView>, BackendError>;
    /// Begins a hand-over in the name of who goes.
    fn begin_handover(
        &self,
        who: &Who,
        request: &HandOverRequest,
    ) -> Result<HandOverView, BackendError>;
    /// Acknowledges a hand-over in the name of who comes.
    fn acknowledge_handover(
        &self,
        who: &Who,
        number: u64,
        note: &str,
    ) -> Result<HandOverView, BackendError>;
    /// The response cards of the site.
    fn cards(&self) -> Result<Vec<CardView>, BackendError>;
    /// The card that fits a warning best.
    fn card_of(&self, id: &WarningId) -> Result<Option<CardView>, BackendError>;
}

/// Why an act about duty is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DutyFault {
    /// Nobody by this id.
    #[error("The contact book has nobody with the id `{0}`. See /api/v1/duty/contacts.")]
    ContactNotFound(String),
    /// The contact cannot be kept.
    #[error("The contact does not fit: {en}. Correct it and send it again.")]
    ContactRefused {
        /// Why.
        en: String,
        /// Why, in Chinese.
        zh: String,
    },
    /// A shift that is not over needs the contact.
    #[error("`{0}` stands in a shift that is not over. Change the roster first.")]
    ContactNeeded(String),
    /// The file has problems; nothing was changed.
    #[error("The roster has problems, and nothing was changed. Correct what `report` lists.")]
    RosterRefused {
        /// Every problem with its line, in both languages.
        report: String,
    },
    /// It would say something else about what has been.
    #[error(
        "The roster would change what has been already, and nothing was changed. `report` lists \
         the shifts: leave them as they were, or send a `reason` to make it a correction."
    )]
    Past {
        /// The shifts.
        report: String,
    },
    /// Somebody else changed the roster meanwhile.
    #[error("Somebody else has changed the duty meanwhile; nothing was changed. Look at it again.")]
    ChangedMeanwhile,
    /// No shift by this id.
    #[error("The roster has no shift `{0}`. See /api/v1/duty/shifts.")]
    ShiftNotFound(String),
    /// The times of a substitution do not fit.
    #[error(
        "A substitution lies within its shift and does not begin in the past. \
         Correct `from_ms` and `to_ms`, or leave them out."
    )]
    SubstitutionOutside,
    /// Not a role or position.
    #[error("`{0}` is not the name of a role or position. Use letters, digits, `-` and `_`.")]
    DeskName(String),
    /// No hand-over by this number.
    #[error("There is no hand-over `{0}`. See /api/v1/handovers.")]
    HandOverNotFound(String),
    /// Somebody has acknowledged it.
    #[error("The hand-over was already acknowledged by `{by}`. Reload to see it.")]
    HandOverDone {
        /// Who.
        by: String,
    },
    /// Who goes cannot be who comes.
    #[error(
        "`{by}` began this hand-over and cannot be the one who has heard it. \
         Let the person who comes sign in and acknowledge it."
    )]
    SamePerson {
        /// Who.
        by: String,
    },
}

impl DutyFault {
    pub(crate) fn kind(&self) -> Kind {
        const NONE: StatusCode = StatusCode::NOT_FOUND;
        const CONFLICT: StatusCode = StatusCode::CONFLICT;
        const UNFIT: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        match self {
            Self::ContactNotFound(_) => Kind(NONE, "contact-not-found", "No such contact"),
            Self::ContactRefused { .. } => Kind(UNFIT, "contact-refused", "The contact is wrong"),
            Self::ContactNeeded(_) => Kind(CONFLICT, "contact-needed", "The contact is needed"),
            Self::RosterRefused { .. } => Kind(UNFIT, "roster-refused", "The roster is wrong"),
            Self::Past { .. } => Kind(CONFLICT, "roster-past", "The past would change"),
            Self::ChangedMeanwhile => Kind(CONFLICT, "duty-changed", "Changed meanwhile"),
            Self::ShiftNotFound(_) => Kind(NONE, "shift-not-found", "No such shift"),
            Self::SubstitutionOutside => {
                Kind(UNFIT, "substitution-outside", "Not within the shift")
            }
            Self::DeskName(_) => Kind(UNFIT, "bad-desk", "Not a role or position"),
            Self::HandOverNotFound(_) => Kind(NONE, "hand-over-not-found", "No such hand-over"),
            Self::HandOverDone { .. } => Kind(CONFLICT, "hand-over-done", "Already acknowledged"),
            Self::SamePerson { .. } => {
                Kind(CONFLICT, "hand-over-same-person", "A second person is needed")
            }
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::ContactNotFound(id) => {
                format!("通讯录中没有编号“{id}”。通讯录见 /api/v1/duty/contacts。")
            }
            Self::ContactRefused { zh, .. } => {
                format!("联系人不符合要求：{zh}。请改正后重新发送。")
            }
            Self::ContactNeeded(id) => format!("“{id}”还在未结束的班次中。请先修改排班。"),
            Self::RosterRefused { .. } => {
                "排班有误，未作任何更改。请按 report 中列出的问题改正。".to_owned()
            }
            Self::Past { .. } => "该排班会改动已经发生的班次（见 report），未作任何更改。\
                请保持原样；确需更正时，请填写 reason 说明原因。"
                .to_owned(),
            Self::ChangedMeanwhile => {
                "其他人刚刚修改了值班安排，本次未作任何更改。请刷新后重新查看。".to_owned()
            }
            Self::ShiftNotFound(id) => format!("没有班次“{id}”。班次见 /api/v1/duty/shifts。"),
            Self::SubstitutionOutside => {
                "替班时间必须在班次之内，且不能早于现在。请改正 from_ms 和 to_ms，或省略。"
                    .to_owned()
            }
            Self::DeskName(name) => {
                format!("“{name}”不能作为角色或岗位编号。请使用字母、数字、- 和 _。")
            }
            Self::HandOverNotFound(number) => {
                format!("没有编号为“{number}”的交接班。请在 /api/v1/handovers 查看。")
            }
            Self::HandOverDone { by } => format!("该交接班已由“{by}”确认。请刷新查看。"),
            Self::SamePerson { by } => {
                format!("该交接班由“{by}”发起，不能由本人确认。请接班人登录后确认。")
            }
        }
    }

    pub(crate) fn report(&self) -> Option<String> {
        match self {
            Self::RosterRefused { report } | Self::Past { report } => Some(report.clone()),
            _ => None,
        }
    }
}
