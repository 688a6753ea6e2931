//! Our words for drills to the API's: one function per thing, no decisions.

use siskin_api::contract::{
    DrillChannelView, DrillEndView, DrillPersonView, DrillReportView, DrillRungView, DrillStepView,
    DrillView, DrillWarningView,
};
use siskin_engine::drill::{PersonTimes, Report, RungTime, StepTime, WarningStory};
use siskin_model::{Drill, DrillEnd, DrilledChannel};

use crate::station::life::views as life;
use crate::station::views::tier;

pub(crate) fn drill(drill: &Drill) -> DrillView {
    let (plan, scenario) = (&drill.plan, &drill.plan.scenario);
    let channel = |one: &DrilledChannel| DrillChannelView {
        channel: one.channel.to_string(),
        factor: one.factor,
        delay_ms: one.delay_ms,
    };
    DrillView {
        number: drill.id.0,
        state: if drill.ended.is_some() { "ended" } else { "running" }.to_owned(),
        area: scenario.area.to_string(),
        gas: scenario.gas.to_string(),
        peak: scenario.peak,
        unit: scenario.unit.as_str().to_owned(),
        rise_ms: scenario.rise_ms,
        hold_ms: scenario.hold_ms,
        decay_ms: scenario.decay_ms,
        channels: scenario.channels.iter().map(channel).collect(),
        release_at_ms: scenario.release_at.as_millis(),
        begun_at_ms: plan.begun_at.as_millis(),
        ends_at_ms: plan.ends_at.as_millis(),
        begun_by: plan.begun_by.clone(),
        note: plan.note.clone(),
        ended: drill.ended.as_ref().map(ended),
    }
}

fn ended(end: &DrillEnd) -> DrillEndView {
    DrillEndView {
        at_ms: end.at.as_millis(),
        reason: end.reason.as_str().to_owned(),
        by: end.by.clone(),
        note: end.note.clone(),
    }
}

pub(super) fn report(report: &Report) -> DrillReportView {
    DrillReportView {
        drill: drill(&report.drill),
        warnings: report.warnings.iter().map(story).collect(),
        people: report.people.iter().map(person).collect(),
    }
}

fn story(story: &WarningStory) -> DrillWarningView {
    let warning = &story.warning;
    DrillWarningView {
        id: warning.id.to_string(),
        area: warning.area.to_string(),
        gas: warning.gas.to_string(),
        tier_peak: tier(warning.tier_peak),
        state: life::state(warning.state),
        raised_at_ms: warning.raised_at.as_millis(),
        raised_after_ms: story.raised_after_ms,
        acknowledged_by: story.acknowledged_by.clone(),
        acknowledged_after_ms: story.acknowledged_after_ms,
        steps: story.steps.iter().map(step).collect(),
        ladder: story.ladder.iter().map(rung).collect(),
    }
}

fn step(step: &StepTime) -> DrillStepView {
    DrillStepView {
        change: life::change(step.change),
        at_ms: step.at.as_millis(),
        told_at_ms: step.told_at.as_millis(),
        after_ms: step.after_ms,
        tier: tier(step.tier),
        by: step.by.clone(),
        note: step.note.clone(),
        to: step.to.clone(),
    }
}

fn rung(rung: &RungTime) -> DrillRungView {
    DrillRungView {
        tier: tier(rung.tier),
        to: rung.to.clone(),
        due_ms: rung.due_ms,
        called_ms: rung.called_ms,
    }
}

fn person(times: &PersonTimes) -> DrillPersonView {
    DrillPersonView {
        person: times.person.clone(),
        acts: times.acts,
        acknowledged: times.acknowledged,
        half_ms: times.half_ms,
        nine_tenths_ms: times.nine_tenths_ms,
        longest_ms: times.longest_ms,
    }
}
