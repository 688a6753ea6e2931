//! The lowest high threshold of every channel: what an edge keeps when its spool must be thinned.

use std::collections::BTreeMap;

use siskin_engine::RuleKind;
use siskin_engine::rule::Side;
use siskin_model::ChannelId;

use crate::Settings;

impl Settings {
    /// The lowest value at which a high threshold of a rule with a tier raises, in the channel's
    /// unit. A channel without such a rule is not in it.
    pub fn lowest_highs(&self) -> BTreeMap<ChannelId, f64> {
        let mut lowest: BTreeMap<ChannelId, f64> = BTreeMap::new();
        for binding in &self.rules.bindings {
            let rule = self.rules.rules.get(binding.rule).filter(|rule| rule.tier.is_some());
            let channel = self.site.channel(binding.channel);
            let (Some(rule), Some(channel)) = (rule, channel) else { continue };
            if let RuleKind::Threshold { side: Side::High, raise_at, .. } = rule.kind {
                let limit = raise_at * binding.factor;
                let least = lowest.entry(channel.id.clone()).or_insert(limit);
                *least = least.min(limit);
            }
        }
        lowest
    }
}
