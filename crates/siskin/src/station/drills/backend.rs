//! Drills as the API asks for them: a wish becomes a checked plan here, and goes to the pipeline.

use siskin_api::contract::{
    DrillChannelRequest, DrillReportView, DrillRequest, DrillView, DrillsView,
};
use siskin_api::{BackendError, DrillFault, Drills};
use siskin_engine::drill::{Report, Wish, WishedChannel};
use siskin_model::site::Position;
use siskin_model::{
    AreaId, ChannelId, Drill, DrillId, GasId, NewDrill, Quantity, Timestamp, Unit, Who,
};
use tokio::sync::oneshot;

use super::super::backend::{StationBackend, unavailable};
use super::super::pipeline::{BeginDrill, Command, DrillAnswer, DrillCommand, EndDrill};
use super::{views, words};

/// The most drills one answer lists.
const DRILLS_MAX: usize = 1_000;
/// The wind is what an anemometer said at most so long ago.
const WIND_AGE_MS_MAX: i64 = 600_000;

impl Drills for StationBackend {
    fn drills(&self) -> Result<DrillsView, BackendError> {
        let drills = self.ledger.drills(DRILLS_MAX).map_err(|e| unavailable(&e))?;
        let drills: Vec<_> = drills.iter().map(views::drill).collect();
        let running = drills.iter().find(|drill| drill.ended.is_none()).cloned();
        Ok(DrillsView { running, drills })
    }

    fn drill(&self, number: u64) -> Result<DrillView, BackendError> {
        self.known_drill(number).map(|drill| views::drill(&drill))
    }

    fn begin_drill(&self, who: &Who, request: &DrillRequest) -> Result<DrillView, BackendError> {
        let wish = wish(request)?;
        let wind_m_s = self.wind_m_s();
        let plan = wish.plan(&self.settings.site, self.clock.now(), &who.name, wind_m_s);
        let plan = plan.map_err(|error| {
            let zh = words::zh(&error);
            DrillFault::Unfit { en: error.to_string(), zh }
        })?;
        self.is_theirs_to_drill(who, &plan)?;
        let (answer, answered) = oneshot::channel();
        let begin = BeginDrill { plan, commands: self.commands.clone(), answer };
        let drill = self.ask_pipeline(DrillCommand::Begin(begin), answered)?;
        Ok(views::drill(&drill))
    }

    fn end_drill(&self, who: &Who, number: u64, note: &str) -> Result<DrillView, BackendError> {
        let drill = self.known_drill(number)?;
        self.is_theirs_to_drill(who, &drill.plan)?;
        let (answer, answered) = oneshot::channel();
        let (by, note) = (who.name.clone(), note.to_owned());
        let end = EndDrill { id: drill.id, by, note, answer };
        let drill = self.ask_pipeline(DrillCommand::End(end), answered)?;
        Ok(views::drill(&drill))
    }

    fn drill_report(&self, number: u64) -> Result<DrillReportView, BackendError> {
        let drill = self.known_drill(number)?;
        let steps = self.ledger.drill_steps(drill.id).map_err(|e| unavailable(&e))?;
        Ok(views::report(&Report::of(drill, &steps, &self.settings.site.life)))
    }
}

impl StationBackend {
    fn known_drill(&self, number: u64) -> Result<Drill, BackendError> {
        // The ledger's numbers are i64.
        let is_number = i64::try_from(number).is_ok();
        let found = if is_number { self.ledger.drill(DrillId(number)) } else { Ok(None) };
        let found = found.map_err(|e| unavailable(&e))?;
        Ok(found.ok_or_else(|| DrillFault::NotFound(number.to_string()))?)
    }

    fn ask_pipeline(
        &self,
        command: DrillCommand,
        answered: oneshot::Receiver<DrillAnswer>,
    ) -> Result<Drill, BackendError> {
        let stopping = || BackendError::Unavailable("the station is stopping".to_owned());
        self.commands.blocking_send(Command::Drill(Box::new(command))).map_err(|_| stopping())?;
        answered.blocking_recv().map_err(|_| stopping())?
    }

    /// Whoever looks after every area in which people would be called.
    fn is_theirs_to_drill(&self, who: &Who, plan: &NewDrill) -> Result<(), BackendError> {
        let site = &self.settings.site;
        let of_channel = |id: &ChannelId| Some(site.channel(site.index_of(id)?)?.area.clone());
        let channels = plan.scenario.channels.iter();
        let mut areas = vec![plan.scenario.area.clone()];
        areas.extend(channels.filter_map(|one| of_channel(&one.channel)));
        match areas.iter().find(|area| !who.areas.has(area)) {
            Some(area) => Err(BackendError::OtherArea(area.to_string())),
            None => Ok(()),
        }
    }

    /// What an anemometer said last, where that is not long ago.
    fn wind_m_s(&self) -> Option<f64> {
        let (site, now) = (&self.settings.site, self.clock.now());
        let shown = self.live.shown();
        let is_wind = |quantity: &Quantity| *quantity == Quantity::WindSpeed;
        let channels = site.channels.iter().zip(&shown.latest);
        let said = channels.filter(|(channel, _)| is_wind(&channel.quantity));
        let said = said.filter_map(|(_, latest)| latest.reading);
        let is_fresh =
            |at: Timestamp| now.as_millis().saturating_sub(at.as_millis()) <= WIND_AGE_MS_MAX;
        let said = said.filter(|one| one.quality.is_judged() && is_fresh(one.measured_at));
        said.max_by_key(|one| one.measured_at).and_then(|one| one.value)
    }
}

fn unfit(en: String, zh: String) -> BackendError {
    DrillFault::Unfit { en, zh }.into()
}

/// The request in our words; what cannot be said in them is refused.
fn wish(request: &DrillRequest) -> Result<Wish, BackendError> {
    let id = |error: siskin_model::id::IdError| {
        unfit(error.to_string(), format!("编号不符合要求：{error}"))
    };
    let unit: Result<Unit, _> =
        serde_json::from_value(serde_json::Value::String(request.unit.clone()));
    let unit = unit.map_err(|_| {
        let unit = &request.unit;
        let en = format!("`{unit}` is no unit; hint: ppm, ppb, mg/m3, ug/m3, %vol or %LEL");
        unfit(en, format!("“{unit}”不是单位；提示：ppm、ppb、mg/m3、ug/m3、%vol 或 %LEL"))
    })?;
    let channel = |one: &DrillChannelRequest| {
        let delay_ms = one.delay_s.map(|s| ms("delay_s", s)).transpose()?;
        let channel = ChannelId::new(&one.channel).map_err(id)?;
        Ok(WishedChannel { channel, factor: one.factor, delay_ms })
    };
    let channels = request.channels.iter().map(channel).collect::<Result<_, BackendError>>()?;
    Ok(Wish {
        area: AreaId::new(&request.area).map_err(id)?,
        gas: GasId::new(&request.gas).map_err(id)?,
        peak: request.peak,
        unit,
        rise_ms: ms("rise_s", request.rise_s)?,
        hold_ms: ms("hold_s", request.hold_s)?,
        decay_ms: ms("decay_s", request.decay_s)?,
        channels,
        source: request.from.map(|at| Position { x_m: at.x_m, y_m: at.y_m }),
        release_at: request.release_at_ms.map(Timestamp::from_millis),
        length_ms: request.length_s.map(|s| ms("length_s", s)).transpose()?,
        note: request.note.clone(),
    })
}

/// Seconds within a day, which no drill lasts; the plan says what is possible.
fn ms(field: &str, seconds: f64) -> Result<i64, BackendError> {
    if seconds.is_finite() && seconds.abs() <= 86_400.0 {
        #[expect(clippy::cast_possible_truncation, reason = "within a day")]
        let ms = (seconds * 1000.0).round() as i64;
        return Ok(ms);
    }
    let en = format!("`{field}` is not possible; hint: at most 14,400 s");
    Err(unfit(en, format!("“{field}”超出允许范围；提示：最长 14400 秒")))
}
