//! Sirens and beacons as written.

use siskin_model::notify::{Feedback, Siren, SirenOff, Way};

use super::connection::word;
use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::values::Millis;

/// The usual TCP port of Modbus.
const PORT_DEFAULT: u16 = 502;
/// How long the feedback may take where nobody says it: a relay and a contactor.
const WITHIN_DEFAULT: Millis = Millis(3000);

impl FromNode for SirenOff {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let words = [
            ("all-clear", Self::AllClear),
            ("returned", Self::Returned),
            ("acknowledged", Self::Acknowledged),
        ];
        word(node, key, &words, problems)
    }
}

impl FromNode for Feedback {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, key, problems)?;
        let coil = fields.optional("coil", problems);
        let input = fields.optional("input", problems);
        let is_one = fields.has("coil") != fields.has("input");
        fields.finish(problems);
        if !is_one {
            let message = "`feedback` is either a `coil` or an `input`";
            let draft = Draft::new(message, "write for example { input = 0 }");
            problems.add(draft.at(node.place, "none or both"));
            return None;
        }
        coil.map(Self::Coil).or(input.map(Self::Input))
    }
}

pub(super) fn siren(fields: &mut Fields<'_>, problems: &mut Problems) -> Option<Way> {
    let host = fields.required("host", problems);
    let port = fields.or("port", PORT_DEFAULT, problems);
    let unit = fields.or("unit", 1, problems);
    let coil = fields.required("coil", problems);
    let feedback = fields.required("feedback", problems);
    let within: Option<Millis> = fields.or("feedback_within_s", WITHIN_DEFAULT, problems);
    let off = fields.or("off", SirenOff::AllClear, problems);
    Some(Way::Siren(Siren {
        host: host?,
        port: port?,
        unit: unit?,
        coil: coil?,
        feedback: feedback?,
        within_ms: u64::try_from(within?.0).ok()?,
        off: off?,
    }))
}
