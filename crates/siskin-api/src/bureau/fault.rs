//! Why a bureau does not get what it asked for, in both languages.

use axum::http::StatusCode;

use crate::problem::Kind;

/// Why something was refused. The texts are for people: what happened, then what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BureauFault {
    /// The ledger has no such entry, or another one in its place.
    #[error(
        "The ledger has no entry `{0}`: it may have come back from an older backup. Pull again \
         without `after`, and compare by `seq` and `recorded_at`."
    )]
    CursorUnknown(String),
    /// The account is not one of the recipient's.
    #[error(
        "`{account}` is no account of the recipient `{recipient}`. Sign in as one that its \
         `accounts` in recipients.toml names."
    )]
    NotRecipient {
        /// Who asked.
        account: String,
        /// Whose message it is.
        recipient: String,
    },
    /// What was not accepted cannot have been read.
    #[error("The message `{number}` is `{state}`. Mark it as read once it is accepted.")]
    NotAccepted {
        /// Which.
        number: u64,
        /// Its state.
        state: String,
    },
}

impl BureauFault {
    pub(crate) fn kind(&self) -> Kind {
        const CLASH: StatusCode = StatusCode::CONFLICT;
        match self {
            Self::CursorUnknown(_) => Kind(CLASH, "cursor-unknown", "No such place in the ledger"),
            Self::NotRecipient { .. } => {
                Kind(StatusCode::FORBIDDEN, "not-recipient", "Not the recipient")
            }
            Self::NotAccepted { .. } => Kind(CLASH, "message-not-accepted", "Not accepted"),
        }
    }

    /// The same for a Chinese reader.
    pub fn detail_zh(&self) -> String {
        match self {
            Self::CursorUnknown(cursor) => format!(
                "台账中没有“{cursor}”这一条：台账可能由较早的备份恢复。请不带 after 重新拉取，\
                 并按 seq 和 recorded_at 核对。"
            ),
            Self::NotRecipient { account, recipient } => format!(
                "账号“{account}”不属于接收方“{recipient}”。请用 recipients.toml 中该接收方 \
                 accounts 列出的账号。"
            ),
            Self::NotAccepted { number, state } => {
                format!("消息“{number}”的状态是 {state}，尚未被接收。请在其被接收后再标为已读。")
            }
        }
    }
}
