//! Response cards (处置卡): what to do about a gas, shown with its warning.
//!
//! The texts are the plant's own plan; Siskin only finds the card that fits. Must never show a card
//! of another gas: a wrong act may be worse than none.

use serde::{Deserialize, Serialize};

use crate::{AreaId, ContactId, GasId, Text, Tier};

/// The words of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardTexts {
    /// What it may come from.
    pub cause: Text,
    /// What follows if nobody acts.
    pub consequence: Text,
    /// What to do, in this order.
    pub actions: Vec<Text>,
    /// Where the plan says so.
    pub plan: Text,
}

/// A response card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The gas it is about.
    pub gas: GasId,
    /// In which area; none: anywhere.
    pub area: Option<AreaId>,
    /// From which tier on; none: at any tier.
    pub tier: Option<Tier>,
    /// Whether it is an example that the plant has still to replace by its own plan.
    pub is_template: bool,
    /// Its words.
    pub texts: CardTexts,
    /// Whom to call, in this order.
    pub contacts: Vec<ContactId>,
}

/// The card for a warning: of those about its gas that fit, one of its own area before one for
/// anywhere, and then the one from the highest tier on.
pub fn nearest_card<'a>(
    cards: &'a [Card],
    gas: &GasId,
    area: &AreaId,
    tier: Tier,
) -> Option<&'a Card> {
    let fits = |card: &&Card| {
        card.gas == *gas
            && card.area.as_ref().is_none_or(|own| own == area)
            && card.tier.is_none_or(|from| from <= tier)
    };
    cards.iter().filter(fits).max_by_key(|card| (card.area.is_some(), card.tier))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(gas: &str, area: Option<&str>, tier: Option<Tier>) -> Card {
        let text = || Text::new("文", "text");
        let texts =
            CardTexts { cause: text(), consequence: text(), actions: vec![text()], plan: text() };
        Card {
            gas: GasId::new(gas).unwrap(),
            area: area.map(|area| AreaId::new(area).unwrap()),
            tier,
            is_template: false,
            texts,
            contacts: Vec::new(),
        }
    }

    #[test]
    fn the_most_specific_card_wins() {
        let cards = [
            card("chlorine", None, None),
            card("chlorine", None, Some(Tier::Orange)),
            card("chlorine", Some("yard"), None),
            card("chlorine", Some("yard"), Some(Tier::Red)),
            card("ammonia", None, None),
        ];
        let check = |gas: &str, area: &str, tier, expected: Option<usize>| {
            let (gas, area) = (GasId::new(gas).unwrap(), AreaId::new(area).unwrap());
            let found = nearest_card(&cards, &gas, &area, tier);
            assert_eq!(found, expected.map(|place| &cards[place]), "{gas} {area} {tier:?}");
        };
        check("chlorine", "jetty", Tier::Yellow, Some(0));
        check("chlorine", "jetty", Tier::Orange, Some(1));
        check("chlorine", "jetty", Tier::Red, Some(1));
        check("chlorine", "yard", Tier::Orange, Some(2));
        check("chlorine", "yard", Tier::Red, Some(3));
        check("ammonia", "yard", Tier::Red, Some(4));
        check("benzene", "yard", Tier::Red, None);
    }
}
