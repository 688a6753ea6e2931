//! `cards/*.toml` as written: `[[card]]`, what to do about a gas.

use siskin_model::duty::CardTexts;
use siskin_model::{AreaId, ContactId, GasId, Text, Tier};

use crate::fields::{Fields, tables};
use crate::node::Node;
use crate::problems::Problems;
use crate::sources::{At, Place};

/// One `[[card]]`.
#[derive(Debug)]
pub(crate) struct WrittenCard {
    pub(crate) place: Place,
    pub(crate) gas: At<GasId>,
    pub(crate) area: Option<At<AreaId>>,
    pub(crate) tier: Option<At<Tier>>,
    pub(crate) is_template: bool,
    pub(crate) texts: CardTexts,
    pub(crate) actions: Place,
    pub(crate) contacts: Vec<ContactId>,
}

/// Reads every card; those with a problem are left out.
pub(crate) fn read(root: &Node, file: &str, problems: &mut Problems) -> Vec<WrittenCard> {
    let found = tables(root, file, "card", problems);
    found.into_iter().filter_map(|n| one(n, problems)).collect()
}

fn one(node: &Node, problems: &mut Problems) -> Option<WrittenCard> {
    let mut fields = Fields::of(node, "[[card]]", problems)?;
    let place = fields.place();
    let gas = fields.required("gas", problems);
    // A wrong area or tier must not make the card one for anywhere.
    let (has_area, has_tier) = (fields.has("area"), fields.has("tier"));
    let area: Option<At<AreaId>> = fields.optional("area", problems);
    let tier: Option<At<Tier>> = fields.optional("tier", problems);
    let is_template = fields.or("template", false, problems);
    let cause = fields.required("cause", problems);
    let consequence = fields.required("consequence", problems);
    let actions: Option<At<Vec<Text>>> = fields.required("actions", problems);
    let contacts = fields.or("contacts", Vec::new(), problems);
    let plan = fields.required("plan", problems);
    fields.finish(problems);
    if (has_area && area.is_none()) || (has_tier && tier.is_none()) {
        return None;
    }
    let actions = actions?;
    Some(WrittenCard {
        place,
        gas: gas?,
        area,
        tier,
        is_template: is_template?,
        actions: actions.place,
        texts: CardTexts {
            cause: cause?,
            consequence: consequence?,
            actions: actions.value,
            plan: plan?,
        },
        contacts: contacts?,
    })
}
