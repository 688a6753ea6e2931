//! `[warnings]`, `[[escalation]]` and `[[position]]` of `site.toml`: the lives of warnings.

use siskin_model::{AreaId, Text, Tier};

use crate::fields::{Fields, FromNode, items};
use crate::node::Node;
use crate::problems::Problems;
use crate::sources::{At, Place};
use crate::values::{Millis, PlainId};

/// `[warnings]`.
#[derive(Debug)]
pub(crate) struct WrittenWarnings {
    pub(crate) lower_after: Millis,
    pub(crate) latched: Vec<Tier>,
    pub(crate) chatter_guard: bool,
    pub(crate) shelve_minutes: Vec<(Tier, At<u32>)>,
}

/// One `[[escalation]]`.
#[derive(Debug)]
pub(crate) struct WrittenLadder {
    pub(crate) tier: At<Tier>,
    pub(crate) steps: Vec<WrittenRung>,
    pub(crate) place: Place,
}

/// One step of it.
#[derive(Debug)]
pub(crate) struct WrittenRung {
    pub(crate) after: At<Millis>,
    pub(crate) to: PlainId,
}

/// One `[[position]]`.
#[derive(Debug)]
pub(crate) struct WrittenDesk {
    pub(crate) id: At<PlainId>,
    pub(crate) name: Text,
    pub(crate) areas: Option<At<Vec<At<AreaId>>>>,
}

impl FromNode for WrittenWarnings {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[warnings]", problems)?;
        let lower_after = fields.required("lower_after_s", problems);
        let latched = fields.required("latched_tiers", problems);
        let chatter_guard = fields.required("chatter_guard", problems);
        let limits: Option<Shelves> = fields.required("shelve_minutes_max", problems);
        fields.finish(problems);
        Some(Self {
            lower_after: lower_after?,
            latched: latched?,
            chatter_guard: chatter_guard?,
            shelve_minutes: limits?.0,
        })
    }
}

/// `[warnings.shelve_minutes_max]`.
struct Shelves(Vec<(Tier, At<u32>)>);

impl FromNode for Shelves {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "[warnings.shelve_minutes_max]", problems)?;
        let limits = Tier::ALL.map(|tier| {
            let minutes: Option<At<u32>> = fields.required(tier.as_str(), problems);
            minutes.map(|minutes| (tier, minutes))
        });
        fields.finish(problems);
        limits.into_iter().collect::<Option<_>>().map(Self)
    }
}

impl FromNode for WrittenRung {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "a step of [[escalation]]", problems)?;
        let after = fields.required("after_s", problems);
        let to = fields.required("to", problems);
        fields.finish(problems);
        Some(Self { after: after?, to: to? })
    }
}

/// Reads the ladders; those with a problem are left out.
pub(crate) fn ladders(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<WrittenLadder> {
    let found = items(fields, "escalation", problems);
    let read = found.iter().map(|node| {
        let mut fields = Fields::of(node, "[[escalation]]", problems)?;
        let tier = fields.required("tier", problems);
        let steps = fields.required("steps", problems);
        let place = fields.place();
        fields.finish(problems);
        Some(WrittenLadder { tier: tier?, steps: steps?, place })
    });
    read.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Reads the desks; those with a problem are left out.
pub(crate) fn desks(fields: &mut Fields<'_>, problems: &mut Problems) -> Vec<WrittenDesk> {
    let found = items(fields, "position", problems);
    let read = found.iter().map(|node| {
        let mut fields = Fields::of(node, "[[position]]", problems)?;
        let id = fields.required("id", problems);
        let name = fields.required("name", problems);
        let areas = fields.optional("areas", problems);
        fields.finish(problems);
        Some(WrittenDesk { id: id?, name: name?, areas })
    });
    read.collect::<Vec<_>>().into_iter().flatten().collect()
}
