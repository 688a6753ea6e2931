//! Parts of rules as written: baselines, contrasts, dose points, wind, words.

use siskin_engine::rule::{Span, TrendMethod};

use crate::fields::{Fields, FromNode};
use crate::node::Node;
use crate::problems::{Draft, Problems};
use crate::sources::At;
use crate::suggest;
use crate::values::Millis;
use crate::written::setpoint::SetPoint;

/// Length of a baseline's step where none is written.
const STEP: Millis = Millis(60_000);
/// The quantile where none is written.
const QUANTILE: f64 = 0.2;
/// The baseline's keys.
#[derive(Debug, Clone)]
pub(crate) struct WrittenBaseline {
    pub(crate) window: At<Millis>,
    pub(crate) step: At<Millis>,
    pub(crate) quantile: At<f64>,
    pub(crate) steps_min: At<u32>,
    pub(crate) freeze_max: At<Millis>,
    pub(crate) noise_min: At<f64>,
}

/// The keys of a comparison between channels.
#[derive(Debug, Clone)]
pub(crate) struct WrittenContrast {
    pub(crate) step: At<Millis>,
    pub(crate) baseline: At<Millis>,
    pub(crate) steps_min: At<u32>,
    pub(crate) mean_steps: At<u32>,
    pub(crate) own: At<WrittenRecent>,
    pub(crate) group: At<WrittenRecent>,
}

/// `{ window_s = 3600, quantile = 0.9, times = 2.0 }`.
#[derive(Debug, Clone)]
pub(crate) struct WrittenRecent {
    pub(crate) window: At<Millis>,
    pub(crate) quantile: At<f64>,
    pub(crate) times: At<f64>,
}

/// `{ minutes = 10, limit = 2.8 }`.
#[derive(Debug, Clone)]
pub(crate) struct WrittenPoint {
    pub(crate) minutes: At<f64>,
    pub(crate) limit: At<SetPoint>,
}

/// `{ speed_min_m_s = 1.0, half_angle_deg = 45 }`.
#[derive(Debug, Clone)]
pub(crate) struct WrittenWind {
    pub(crate) speed_min_m_s: At<f64>,
    pub(crate) half_angle_deg: At<f64>,
}

impl FromNode for WrittenPoint {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "a point of `points`", problems)?;
        let minutes = fields.required("minutes", problems);
        let limit = fields.required("limit", problems);
        fields.finish(problems);
        Some(Self { minutes: minutes?, limit: limit? })
    }
}

impl FromNode for WrittenRecent {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, key, problems)?;
        let window = fields.required("window_s", problems);
        let quantile = fields.required("quantile", problems);
        let times = fields.required("times", problems);
        fields.finish(problems);
        Some(Self { window: window?, quantile: quantile?, times: times? })
    }
}

impl FromNode for WrittenWind {
    fn from_node(node: &Node, _: &str, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "`wind`", problems)?;
        let speed = fields.required("speed_min_m_s", problems);
        let half_angle = fields.required("half_angle_deg", problems);
        fields.finish(problems);
        Some(Self { speed_min_m_s: speed?, half_angle_deg: half_angle? })
    }
}

impl FromNode for TrendMethod {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        let words = [("least-squares", Self::LeastSquares), ("theil-sen", Self::TheilSen)];
        choice(node, key, words, problems)
    }
}

impl FromNode for Span {
    fn from_node(node: &Node, key: &str, problems: &mut Problems) -> Option<Self> {
        choice(node, key, [("area", Self::Area), ("site", Self::Site)], problems)
    }
}

/// One of two words.
fn choice<T: Copy>(
    node: &Node,
    key: &str,
    words: [(&'static str, T); 2],
    problems: &mut Problems,
) -> Option<T> {
    let text = String::from_node(node, key, problems)?;
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let message = format!("`{key}` cannot be `{text}`");
        let hint = suggest::hint(&text, "words", words.iter().map(|(word, _)| *word));
        problems.add(Draft::new(message, hint).at(node.place, "not a known word"));
    }
    found.map(|(_, value)| *value)
}

/// Reads the baseline's keys.
pub(super) fn baseline(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<WrittenBaseline> {
    let place = fields.place();
    let window = fields.required("baseline_window_s", problems);
    let step = fields.or("baseline_step_s", At { value: STEP, place }, problems);
    let quantile = fields.or("baseline_quantile", At { value: QUANTILE, place }, problems);
    let steps_min = fields.required("baseline_steps_min", problems);
    let freeze_max = fields.required("freeze_max_s", problems);
    let noise_min = fields.required("noise_min", problems);
    Some(WrittenBaseline {
        window: window?,
        step: step?,
        quantile: quantile?,
        steps_min: steps_min?,
        freeze_max: freeze_max?,
        noise_min: noise_min?,
    })
}

/// Reads the keys of a comparison between channels.
pub(super) fn contrast(
    fields: &mut Fields<'_>,
    problems: &mut Problems,
) -> Option<WrittenContrast> {
    let place = fields.place();
    let step = fields.or("step_s", At { value: STEP, place }, problems);
    let baseline = fields.required("baseline_window_s", problems);
    let steps_min = fields.required("steps_min", problems);
    let mean_steps = fields.required("mean_steps", problems);
    // A level that counts nought times does not count.
    let none = || {
        let window = At { value: Millis(0), place };
        let (quantile, times) = (At { value: 0.5, place }, At { value: 0.0, place });
        At { value: WrittenRecent { window, quantile, times }, place }
    };
    let own = fields.or("own", none(), problems);
    let group = fields.or("group", none(), problems);
    Some(WrittenContrast {
        step: step?,
        baseline: baseline?,
        steps_min: steps_min?,
        mean_steps: mean_steps?,
        own: own?,
        group: group?,
    })
}
