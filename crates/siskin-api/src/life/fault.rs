//! Why an act was not done, in both languages.

use axum::http::StatusCode;

use crate::problem::Kind;

/// Why an act was not done. The texts are for people: what happened, then what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActFault {
    /// Nothing by this id.
    #[error("There is no `{0}` here. Reload the list: it may be over.")]
    Unknown(String),
    /// The state does not allow it.
    #[error("`{id}` cannot be changed so: it is {state}. Reload the list and look at it again.")]
    Refused {
        /// What it is about.
        id: String,
        /// The word of the reason.
        state: &'static str,
    },
    /// The hold would be too long, or over at once.
    #[error("A time of {asked_min} min is not possible. Choose 1 to {max_min} min.")]
    Length {
        /// What was asked, minutes.
        asked_min: i64,
        /// What is possible, minutes.
        max_min: i64,
    },
    /// There is a hold already.
    #[error("`{0}` holds already. Lift it first.")]
    Stands(String),
    /// Who proposed may not confirm.
    #[error("`{0}` proposed this, and one person is not two. Ask a second person to confirm it.")]
    SamePerson(String),
    /// The ladder is no longer where the person saw it.
    #[error(
        "{} Look at `{id}` again before you escalate further.",
        moved(to.as_deref(), by.as_deref())
    )]
    LadderMoved {
        /// The warning.
        id: String,
        /// To whom the newest step went; none: the ladder began anew.
        to: Option<String>,
        /// Who asked for that step; none: its time had come.
        by: Option<String>,
    },
    /// The ladder has no further step.
    #[error("Nobody is left on the ladder of `{0}`. Call by telephone, by the emergency plan.")]
    NoStep(String),
    /// More holds than the station keeps.
    #[error("There are too many holds. Lift some of them first.")]
    TooMany,
}

impl ActFault {
    pub(crate) fn kind(&self) -> Kind {
        const CONFLICT: StatusCode = StatusCode::CONFLICT;
        const UNFIT: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
        match self {
            Self::Unknown(_) => Kind(StatusCode::NOT_FOUND, "nothing-by-this-id", "No such thing"),
            Self::Refused { .. } => Kind(CONFLICT, "act-refused", "Not possible in this state"),
            Self::Length { .. } => Kind(UNFIT, "time-out-of-range", "The time does not fit"),
            Self::Stands(_) => Kind(CONFLICT, "holds-already", "It holds already"),
            Self::SamePerson(_) => Kind(CONFLICT, "second-person", "A second person is needed"),
            Self::LadderMoved { .. } => {
                Kind(CONFLICT, "ladder-has-moved", "Somebody was called meanwhile")
            }
            Self::NoStep(_) => Kind(CONFLICT, "no-step-left", "Nobody is left to be called"),
            Self::TooMany => Kind(CONFLICT, "too-many-holds", "Too many holds"),
        }
    }

    pub(crate) fn detail_zh(&self) -> String {
        match self {
            Self::Unknown(id) => format!("没有“{id}”，可能已经结束。请刷新列表后重试。"),
            Self::Refused { id, state } => {
                format!("“{id}”{}，不能进行该操作。请刷新列表后重新查看。", state_zh(state))
            }
            Self::Length { asked_min, max_min } => {
                format!("时长 {asked_min} 分钟不符合要求。请填写 1 至 {max_min} 分钟。")
            }
            Self::Stands(id) => format!("“{id}”仍然有效。请先将其解除。"),
            Self::SamePerson(by) => {
                format!("该申请由“{by}”提出，申请人不能自己确认。请由第二人确认。")
            }
            Self::LadderMoved { id, to, by } => {
                let what = moved_zh(to.as_deref(), by.as_deref());
                format!("{what}请重新查看“{id}”，再决定是否继续升级。")
            }
            Self::NoStep(id) => format!("“{id}”已没有可升级的对象。请按应急预案电话联系。"),
            Self::TooMany => "搁置和停用的数量已达上限。请先解除一部分。".to_owned(),
        }
    }
}

/// What happened to a ladder while somebody was writing.
fn moved(to: Option<&str>, by: Option<&str>) -> String {
    match (to, by) {
        (Some(to), Some(by)) => format!("`{by}` was first: it has been passed on to `{to}`."),
        (Some(to), None) => format!("Its time came first: it has been passed on to `{to}`."),
        (None, _) => "It was announced anew, and its ladder began again.".to_owned(),
    }
}

fn moved_zh(to: Option<&str>, by: Option<&str>) -> String {
    match (to, by) {
        (Some(to), Some(by)) => format!("“{by}”已先行升级至“{to}”。"),
        (Some(to), None) => format!("到时已自动升级至“{to}”。"),
        (None, _) => "预警已重新发出，升级从头开始。".to_owned(),
    }
}

fn state_zh(state: &str) -> &'static str {
    match state {
        "active" => "仍有报警未恢复",
        "unacknowledged" => "尚未确认",
        "acknowledged" => "已经确认",
        "not-latched" => "没有锁存，无需复位",
        "shelved" => "已被搁置",
        "suppressed" => "被设计抑制",
        "out-of-service" => "已停用",
        "over" => "已经结束",
        _ => "状态不允许",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_refuses_has_words_in_chinese() {
        let states = ["active", "unacknowledged", "acknowledged", "not-latched", "shelved"];
        for state in states.into_iter().chain(["suppressed", "out-of-service", "over"]) {
            assert_ne!(state_zh(state), state_zh("?"), "{state}");
        }
    }
}
