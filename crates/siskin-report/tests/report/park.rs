//! A park with one leak of chlorine: the facts of the tests.

use siskin_model::gas::{EndPoints, OccupationalLimits, Toxicity};
use siskin_model::incident::{Act, Entry, Figures, Filling, Incident, IncidentId, ReportKind};
use siskin_model::site::{Analyzer, Area, AreaKind, Channel, Connection, Position, Range};
use siskin_model::{
    Alarm, AlarmKind, AnalyzerId, AreaId, ChannelId, ChannelIndex, Conditions, Gas, GasId,
    LifePolicy, Quality, Quantity, Reading, RuleId, Site, Text, Tier, Timestamp, Unit, Warning,
    WarningState,
};
use siskin_report::{ChannelTally, Facts, LimitLine, Office, TallySpan, Wind};

/// 2026-11-29 20:00 in UTC+8.
const BEGIN_MS: i64 = 1_795_953_600_000;
const MINUTE_MS: i64 = 60_000;

pub(crate) fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(BEGIN_MS + minute * MINUTE_MS)
}

fn area(id: &str, name: &str, kind: AreaKind, (x, y, w, h): (f64, f64, f64, f64)) -> Area {
    let corner = |x_m, y_m| Position { x_m, y_m };
    Area {
        id: AreaId::new(id).unwrap(),
        name: Text::new(name, id),
        kind,
        outline: vec![corner(x, y), corner(x + w, y), corner(x + w, y + h), corner(x, y + h)],
    }
}

fn chlorine() -> Gas {
    Gas {
        id: GasId::new("chlorine").unwrap(),
        name: Text::new("氯气", "chlorine"),
        cas: Some("7782-50-5".to_owned()),
        formula: "Cl2".to_owned(),
        molar_mass_g_mol: Some(70.9),
        hj_code: None,
        source: "test".to_owned(),
        oel: OccupationalLimits::default(),
        hj169: EndPoints::default(),
        acute: Toxicity::default(),
    }
}

fn analyzer(id: &str, area: &str, (x_m, y_m): (f64, f64)) -> Analyzer {
    Analyzer {
        id: AnalyzerId::new(id).unwrap(),
        name: Text::new(id, id),
        area: AreaId::new(area).unwrap(),
        position: Position { x_m, y_m },
        height_m: 2.0,
        profile: "any".to_owned(),
        connection: Connection::Mqtt { topic: id.to_owned() },
        poll_ms: 1000,
        timeout_ms: 1000,
        reorder_window_ms: 0,
        edge: None,
    }
}

fn channel(id: &str, analyzer: usize, area: &str) -> Channel {
    Channel {
        id: ChannelId::new(id).unwrap(),
        analyzer,
        area: AreaId::new(area).unwrap(),
        quantity: Quantity::Gas(GasId::new("chlorine").unwrap()),
        unit: Unit::Ppm,
        point: "value".to_owned(),
        range: Range { low: 0.0, high: 20.0 },
        resolution: 0.01,
    }
}

pub(crate) fn site() -> Site {
    Site {
        id: "demo-park".to_owned(),
        name: Text::new("示范化工园区", "Demo park"),
        utc_offset_s: 8 * 3600,
        origin: Some((37.861_2, 112.532_4)),
        conditions: Conditions { temperature_c: 25.0, pressure_hpa: 1013.25 },
        tiers: vec![Tier::Yellow, Tier::Red],
        areas: vec![
            area("tank-farm", "液氯罐区", AreaKind::TankFarm, (0.0, 0.0, 180.0, 120.0)),
            area("unit-2", "氯化装置", AreaKind::Unit, (220.0, 10.0, 140.0, 160.0)),
            area("village", "李家村", AreaKind::Receptor, (60.0, 330.0, 160.0, 90.0)),
            area("school", "园区小学", AreaKind::Receptor, (400.0, 280.0, 80.0, 80.0)),
        ],
        analyzers: vec![
            analyzer("GT-101", "tank-farm", (40.0, 60.0)),
            analyzer("GT-102", "tank-farm", (140.0, 100.0)),
            analyzer("GT-201", "unit-2", (290.0, 90.0)),
        ],
        channels: vec![
            channel("GT-101-cl2", 0, "tank-farm"),
            channel("GT-102-cl2", 1, "tank-farm"),
            channel("GT-201-cl2", 2, "unit-2"),
        ],
        gases: vec![chlorine()],
        receivers: Vec::new(),
        broker: None,
        hj212: None,
        edges: Vec::new(),
        life: LifePolicy::default(),
    }
}

fn alarm() -> Alarm {
    Alarm {
        rule: RuleId::new("cl2-red").unwrap(),
        channel: ChannelId::new("GT-101-cl2").unwrap(),
        kind: AlarmKind::Gas,
        tier: Some(Tier::Red),
        since: at(31),
        value: Some(3.42),
        limit: Some(3.0),
        unit: Unit::Ppm,
        forecast: None,
    }
}

pub(crate) fn warning() -> Warning {
    let (area, gas) = (AreaId::new("tank-farm").unwrap(), GasId::new("chlorine").unwrap());
    Warning {
        state: WarningState::ActiveAcknowledged,
        changed_at: at(33),
        alarms: vec![alarm()],
        channels: vec![ChannelId::new("GT-101-cl2").unwrap()],
        ..Warning::begun(&area, &gas, Tier::Red, at(31))
    }
}

/// The incident after its acts, and its entries.
pub(crate) struct Story {
    pub(crate) incident: Incident,
    pub(crate) entries: Vec<Entry>,
}

impl Story {
    pub(crate) fn act(&mut self, minute: i64, act: Act) {
        let (incident, entry) = self.incident.take(act, "王值班", at(minute)).unwrap();
        self.incident = incident;
        self.entries.push(entry);
    }

    pub(crate) fn fill(&mut self, minute: i64, kind: ReportKind, field: &str, filling: Filling) {
        let fields = [(field.to_owned(), Some(filling))].into();
        self.act(minute, Act::ReportFill { report: kind, fields });
    }
}

/// Opened by a warning and nothing more.
pub(crate) fn opened() -> Story {
    let warning = warning();
    let open = Act::Open {
        title: "液氯罐区氯气红色预警".to_owned().into(),
        discovered_at: at(31),
        areas: [warning.area.clone()].into(),
        gases: [warning.gas.clone()].into(),
    };
    let id = IncidentId::from_text("demo-park-20261129-1");
    let (incident, entry) = Incident::open(id, open, "station", at(31)).unwrap();
    let mut story = Story { incident, entries: vec![entry] };
    let join = Act::Join {
        warning: warning.id.clone(),
        area: warning.area.clone(),
        gas: warning.gas.clone(),
        tier: warning.tier,
    };
    story.act(31, join);
    story
}

/// What people did in the first half hour.
pub(crate) fn handled() -> Story {
    let mut story = opened();
    let note = "现场确认 2 号储罐出口法兰泄漏，已启动喷淋。<未核实>".to_owned();
    story.act(36, Act::Note { text: note });
    let task = |text: &str, owner: &str| Act::Task {
        text: text.to_owned(),
        owner: owner.to_owned(),
        due: Some(at(90)),
    };
    story.act(37, task("关闭 2 号储罐出口阀", "张工"));
    story.act(38, task("组织李家村下风向居民转移", "应急办"));
    let done = story.incident.tasks[0].number;
    story.act(44, Act::TaskDone { task: done, note: "阀门已关闭".to_owned() });
    let figures = Figures { deaths: Some(0), poisoned: Some(2), ..Figures::default() };
    let change = Act::Change { title: None, discovered_at: None, figures: Some(figures) };
    story.act(45, change);
    story.fill(46, ReportKind::First, "quantity", Filling::Value("约 15 kg（估算）".to_owned()));
    let far = Filling::NotApplicable("周边 5 km 无饮用水水源地".to_owned());
    story.fill(47, ReportKind::First, "sensitive_points", far);
    story
}

pub(crate) fn tallies() -> Vec<ChannelTally> {
    let span = TallySpan::new(at(0), at(60));
    let limit = |name: &str, value| LimitLine { name: name.to_owned(), value, unit: Unit::Ppm };
    let limits = vec![limit("黄色", 1.0), limit("红色", 3.0)];
    let of = |index: u32, peak: f64| {
        let channel = ChannelIndex(index);
        let mut tally = ChannelTally::new(channel, limits.clone(), span);
        for second in 0..3_600_i64 {
            let minutes = second as f64 / 60.0;
            let rise = ((minutes - 26.0) / 6.0).clamp(0.0, 1.0);
            let value = (peak * rise * (-(minutes - 32.0).max(0.0) / 14.0).exp() * 100.0).round();
            let value = value / 100.0 + 0.02;
            let when = at(0).plus_ms(second * 1000);
            let is_lost = index == 0 && (17 * 60..20 * 60).contains(&second);
            let (value, quality) = match value {
                _ if is_lost => (None, Quality::CommLost),
                high if high >= 20.0 => (Some(20.0), Quality::OverRange),
                value => (Some(value), Quality::Good),
            };
            tally.take(&Reading::new(channel, when, when, value, quality));
        }
        tally
    };
    let silent = ChannelTally::new(ChannelIndex(2), limits.clone(), span);
    vec![of(1, 2.1), of(0, 22.0), silent]
}

pub(crate) fn office() -> Office {
    Office {
        unit: Some("示范化工园区应急管理中心".to_owned()),
        contact: Some("赵敏".to_owned()),
        phone: None,
    }
}

pub(crate) struct Park {
    pub(crate) site: Site,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) tallies: Vec<ChannelTally>,
    pub(crate) office: Office,
}

impl Park {
    pub(crate) fn new() -> Self {
        let (site, warnings) = (site(), vec![warning()]);
        Self { site, warnings, tallies: tallies(), office: office() }
    }

    pub(crate) fn facts<'a>(&'a self, story: &'a Story) -> Facts<'a> {
        Facts {
            site: &self.site,
            incident: &story.incident,
            entries: &story.entries,
            warnings: &self.warnings,
            tallies: &self.tallies,
            wind: Some(Wind { from_deg: 195.0, speed_m_s: 2.4, at: at(59) }),
            office: &self.office,
            channels_unread: 0,
            hours_unread: 0,
            made_at: at(60),
        }
    }
}
