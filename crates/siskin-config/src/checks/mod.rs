//! What the files must fulfil together, and the settings they make.
//!
//! Every check names the places that do not fit. Nothing is repaired; a broken item is left out
//! and does not raise further problems about itself.

pub(crate) mod catalogue;
mod channels;
mod composites;
mod coverage;
mod duty;
mod history;
mod keys;
mod life;
mod limits;
mod maintenance;
pub(crate) mod map;
mod mirrors;
pub(crate) mod names;
mod places;
mod points;
mod reach;
mod recipients;
pub(crate) mod rule;
mod scope;
mod setpoints;
mod sets;
mod sirens;
mod site;
mod tiers;
mod timing;
mod uplinks;
mod ways;

use siskin_engine::{Binding, Rule, RuleSet};
use siskin_model::site::{Analyzer, Area, Channel, Position, Receiver};
use siskin_model::{ChannelIndex, Conditions, Tier};

use self::catalogue::Catalogue;
use self::names::Names;
use crate::problems::Problems;
use crate::settings::{ChannelTemplate, Incidents, ReportOffice, Reporting, Settings};
use crate::sources::{At, Place};
use crate::written::analyzers::WrittenAnalyzer;
use crate::written::areas::WrittenArea;
use crate::written::cards::WrittenCard;
use crate::written::duty::WrittenDuty;
use crate::written::incidents::{OpenOn, WrittenIncidents};
use crate::written::maintenance::WrittenInterval;
use crate::written::receivers::WrittenReceiver;
use crate::written::recipients::WrittenNotify;
use crate::written::rules::WrittenRule;
use crate::written::site::WrittenSite;
use crate::written::uplinks::WrittenUplink;

/// Everything that was read, before it is compared.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) site: Option<WrittenSite>,
    pub(crate) areas: Vec<WrittenArea>,
    pub(crate) analyzers: Vec<WrittenAnalyzer>,
    pub(crate) receivers: Vec<WrittenReceiver>,
    pub(crate) recipients: Option<WrittenNotify>,
    pub(crate) rules: Vec<WrittenRule>,
    pub(crate) cards: Vec<WrittenCard>,
    pub(crate) duty: Option<WrittenDuty>,
    pub(crate) uplinks: Vec<WrittenUplink>,
    pub(crate) intervals: Vec<WrittenInterval>,
    /// Whether some rule could not be read: then it is not known which channels are watched.
    pub(crate) rules_broken: bool,
    /// Whether some device could not be read: then it is not known which channels there are.
    pub(crate) devices_broken: bool,
    pub(crate) reporting: Option<Reporting>,
    pub(crate) names: AllNames,
}

/// The ids that the files declare, also those of items that are broken otherwise.
#[derive(Debug, Default)]
pub(crate) struct AllNames {
    pub(crate) areas: Names,
    pub(crate) channels: Names,
    pub(crate) rules: Names,
}

/// A channel with what the checks of rules need to know about it.
#[derive(Debug, Clone)]
pub(crate) struct PlacedChannel {
    pub(crate) channel: Channel,
    /// Where it is declared.
    pub(crate) place: Place,
    pub(crate) range: Place,
    pub(crate) unit: Place,
    pub(crate) poll_ms: u32,
    /// Where its inlet is; none for a template, which stands for any number of channels.
    pub(crate) position: Option<Position>,
    pub(crate) unwatched: Option<At<String>>,
    /// Whether unit, range and resolution can be believed.
    pub(crate) sound: bool,
}

/// A checked rule with its places.
#[derive(Debug, Clone)]
pub(crate) struct PlacedRule {
    pub(crate) rule: Rule,
    pub(crate) written: WrittenRule,
}

/// What rules are judged against.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) site: Option<&'a WrittenSite>,
    pub(crate) names: &'a AllNames,
    pub(crate) tiers: &'a [Tier],
    pub(crate) conditions: Conditions,
    pub(crate) channels: &'a [PlacedChannel],
    /// Whether there may be channels that could not be read.
    pub(crate) devices_broken: bool,
}

/// The parts of a site that have a place.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) areas: Vec<Area>,
    pub(crate) analyzers: Vec<Analyzer>,
    pub(crate) channels: Vec<PlacedChannel>,
    pub(crate) receivers: Vec<Receiver>,
    pub(crate) template: Option<PlacedChannel>,
}

/// Compares everything; gives settings only where there was no problem at all.
pub(crate) fn settings(
    written: &Written,
    catalogue: Catalogue,
    problems: &mut Problems,
) -> Option<Settings> {
    let Written { site, names, .. } = written;
    let conditions = conditions(site.as_ref());
    let tiers = site::tiers(site.as_ref(), problems);
    let mirrors = mirrors::check(site.as_ref(), problems);
    map::check(site.as_ref(), problems);
    let places = places::check(written, &catalogue, &tiers, problems);
    let judged: Vec<_> = places.channels.iter().chain(&places.template).cloned().collect();
    let context = Context {
        catalogue: &catalogue,
        site: site.as_ref(),
        names,
        tiers: &tiers,
        conditions,
        channels: &judged,
        devices_broken: written.devices_broken,
    };
    names::unique_rules(&written.rules, problems);
    let before = problems.count();
    composites::refer(written, names, problems);
    life::refer(&written.rules, &names.rules, problems);
    let referred = problems.count() == before;
    let fits = |rule: &&WrittenRule| !sets::is_below_the_tiers(rule, &context, problems);
    let fitting: Vec<_> = written.rules.iter().filter(fits).collect();
    let rules: Vec<Option<PlacedRule>> =
        fitting.into_iter().map(|rule| rule::check(rule, &context, problems)).collect();
    let broken = written.rules_broken || rules.iter().any(Option::is_none);
    let rules: Vec<PlacedRule> = rules.into_iter().flatten().collect();
    let before = problems.count();
    let bindings = scope::bind(&rules, &context, problems);
    let bound = problems.count() == before;
    let bindings = sets::within_reach(&rules, bindings, &context, problems);
    setpoints::check(&rules, &bindings, &context, problems);
    reach::check(&rules, &bindings, &context, problems);
    composites::check(&rules, &bindings, &context, problems);
    timing::check(&rules, &bindings, &context, problems);
    tiers::check(&rules, &bindings, &context, problems);
    let (cards, duty) = (duty::cards(written, &context, problems), duty::desks(written, problems));
    let notify = recipients::check(written, &context, problems);
    life::suppression(&rules, &bindings, &context, problems);
    let uplinks = uplinks::check(written, &places.channels, &context, problems);
    if bound && referred && !broken {
        coverage::check(&rules, &bindings, &context, problems);
        duty::card_notes(written, &cards, &rules, &bindings, &context, problems);
    }
    let site = written.site.as_ref()?;
    let history = site.history.and_then(|written| history::check(&written, &rules, problems));
    let life = life::policy(site, &places.areas, &names.areas, problems);
    let model = site::assemble(site, &places, &tiers, (&catalogue, life?), problems)?;
    let intervals = maintenance::intervals(&written.intervals, &model, problems);
    if problems.count() > 0 {
        return None;
    }
    let fixed = places.channels.len();
    let (rules, template) = split(rules, bindings, fixed, places.template);
    Some(Settings {
        site: model,
        rules,
        profiles: catalogue.profiles,
        station: site::station(site, mirrors, history?)?,
        incidents: incidents(site.incidents.as_ref()?, written.reporting.clone()?),
        template,
        cards,
        duty,
        notify,
        uplinks,
        intervals,
        map: None,
        notes: Vec::new(),
    })
}

fn conditions(site: Option<&WrittenSite>) -> Conditions {
    let written = site.and_then(|site| site.conditions);
    written.map_or(Conditions::REFERENCE, |conditions| conditions.value)
}

fn incidents(written: &WrittenIncidents, reporting: Reporting) -> Incidents {
    let office = ReportOffice {
        unit: written.report_unit.clone(),
        contact: written.report_contact.clone(),
        phone: written.report_phone.clone(),
        font: written.report_font.clone(),
    };
    Incidents { opens_by_itself: written.open_on == OpenOn::Red, reporting, office }
}

/// Parts the template's bindings from those of the `fixed` channels: it stands behind them.
fn split(
    rules: Vec<PlacedRule>,
    bindings: Vec<Binding>,
    fixed: usize,
    template: Option<PlacedChannel>,
) -> (RuleSet, Option<ChannelTemplate>) {
    let rules = rules.into_iter().map(|placed| placed.rule).collect();
    let Some(placed) = template else {
        return (RuleSet { rules, bindings }, None);
    };
    let of_template = |binding: &Binding| binding.channel.get() == fixed;
    let (own, bindings): (Vec<_>, Vec<_>) = bindings.into_iter().partition(of_template);
    let template = ChannelTemplate {
        channel: placed.channel,
        poll_ms: placed.poll_ms,
        rules: own.iter().map(|b| (b.rule, b.factor)).collect(),
    };
    (RuleSet { rules, bindings }, Some(template))
}

impl Context<'_> {
    /// The channel at `index`.
    pub(crate) fn channel(&self, index: ChannelIndex) -> Option<&PlacedChannel> {
        self.channels.get(index.get())
    }

    /// The channels with their indexes.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = (ChannelIndex, &PlacedChannel)> {
        (0u32..).map(ChannelIndex).zip(self.channels)
    }
}
