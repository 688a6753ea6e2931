//! One look at a device: its answers to all requests of a plan.
//!
//! A request that the device refuses for an address is cut until the address is known, so that one
//! register that is not there hides no other.

use siskin_collect::probe::{Heard, Pace, ProbeError, read_once};
use siskin_model::Text;
use siskin_model::site::Connection;
use siskin_wire::modbus::{Answer, DecodeError, Look, Plan, Refused, Request};

/// Modbus exception: no such address.
const ILLEGAL_ADDRESS: u8 = 2;
/// The most times the requests are cut in one look; a profile has at most 2000 points or so.
const ROUNDS_MAX: u16 = 64;

/// What a look gave.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The requests, each with its answer.
    pub(crate) heard: Vec<(Request, Heard)>,
    /// Every point.
    pub(crate) looks: Vec<Look>,
    /// Why it is not the device of the profile.
    pub(crate) stranger: Option<Text>,
    /// Points of addresses that the device does not have.
    pub(crate) lost: Vec<String>,
}

/// Why a look gave nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LookError {
    /// The line.
    #[error(transparent)]
    Line(#[from] ProbeError),
    /// The answers.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

impl LookError {
    /// The message in both languages.
    pub(crate) fn in_both(&self) -> String {
        let text = match self {
            Self::Line(error) => error.text(),
            Self::Decode(error) => error.text(),
        };
        format!("{}\n{}", text.zh, text.en)
    }
}

/// Reads everything that `plan` asks for.
pub(crate) async fn look(
    connection: &Connection,
    pace: Pace,
    plan: &mut Plan,
) -> Result<Seen, LookError> {
    for _ in 0..ROUNDS_MAX {
        let requests = plan.requests().to_vec();
        let heard = read_once(connection, pace, &requests).await?;
        let refused = requests.iter().zip(&heard).filter(|(_, heard)| is_refused(heard));
        let refused: Vec<_> = refused.map(|(request, _)| *request).collect();
        let mut is_cut = false;
        for request in &refused {
            is_cut |= plan.refused(*request) != Refused::Unknown;
        }
        if !is_cut {
            return seen(plan, requests, heard);
        }
    }
    let requests = plan.requests().to_vec();
    let heard = read_once(connection, pace, &requests).await?;
    seen(plan, requests, heard)
}

fn is_refused(heard: &Heard) -> bool {
    matches!(heard, Heard::Exception { code: ILLEGAL_ADDRESS, .. })
}

fn seen(plan: &Plan, requests: Vec<Request>, heard: Vec<Heard>) -> Result<Seen, LookError> {
    let answers: Vec<_> = heard.iter().map(answer).collect();
    let mut lost: Vec<_> = plan.lost().into_iter().map(str::to_owned).collect();
    lost.sort();
    Ok(Seen {
        looks: plan.looks(&answers)?,
        stranger: plan.identity_problem(&answers)?,
        lost,
        heard: requests.into_iter().zip(heard).collect(),
    })
}

fn answer(heard: &Heard) -> Answer {
    match heard {
        Heard::Answer(answer) => answer.clone(),
        Heard::Exception { why, .. } | Heard::Nothing { why } => Answer::Nothing(why.clone()),
    }
}
