//! What the keys of rules mean, in both languages, and what stands behind them.

/// What stands behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text,
    /// A text in both languages: `{ zh = "…", en = "…" }`.
    Name,
    /// The kind of the rule.
    Kind,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A whole number.
    Count,
    /// A length of time in seconds.
    Seconds,
    /// A number, or a limit of the catalogue: `{ limit = "oel.mac", times = 1.0 }`.
    SetPoint,
    /// A tier.
    Tier,
    /// A unit.
    Unit,
    /// A gas of the site.
    Gas,
    /// Areas of the site.
    Areas,
    /// Channels of the site.
    Channels,
    /// A rule.
    Rule,
    /// Rules.
    Rules,
    /// A condition on rules: `"a and not (b or c)"`.
    Condition,
    /// How a line is laid.
    Method,
    /// Area or site.
    Span,
    /// `[{ minutes = 10, limit = 2.8 }]`.
    Points,
    /// `{ window_s = 3600, quantile = 0.9, times = 2.0 }`.
    Recent,
    /// `{ speed_min_m_s = 1.0, half_angle_deg = 45 }`.
    Wind,
}

use Form::{
    Areas, Boolean, Channels, Condition, Count, Gas, Kind, Method, Name, Number, Points, Recent,
    Rule, Rules, Seconds, SetPoint, Span, Wind,
};

/// Key, form, meaning in Chinese and in English.
const MEANINGS: &[(&str, Form, &str, &str)] = &[
    ("id", Form::Text, "规则编号，全站唯一", "id of the rule, unique in the site"),
    ("name", Name, "规则名称（中英文）", "name of the rule in both languages"),
    ("kind", Kind, "规则类型", "kind of rule"),
    (
        "source",
        Form::Text,
        "设定值的依据：标准及条款，或下达的命令",
        "where the set point comes from: standard and clause, or the order that set it",
    ),
    ("gas", Gas, "判断哪种气体的通道", "judges the channels of this gas"),
    ("areas", Areas, "只判断这些区域", "judges these areas only"),
    ("channels", Channels, "只判断这些通道", "judges these channels only"),
    ("all", Boolean, "判断全部通道", "judges every channel"),
    ("tier", Form::Tier, "预警级别：蓝、黄、橙、红", "tier of its alarms"),
    (
        "suppressed_by",
        Rule,
        "该规则报警期间，本规则的报警不再呼叫人员",
        "while the alarm of that rule is active, this one's calls nobody",
    ),
    ("unit", Form::Unit, "限值的单位", "unit of the limits"),
    ("on_delay_s", Seconds, "报警延时（秒）", "on-delay: how long the condition must hold, in s"),
    ("off_delay_s", Seconds, "恢复延时（秒）", "off-delay: how long it must be good again, in s"),
    ("gap_s", Seconds, "超过此时长的中断使延时重新计时", "a longer silence restarts a delay, in s"),
    ("raise_at", SetPoint, "达到此值报警", "raises at this value"),
    ("clear_below", SetPoint, "低于此值恢复", "clears below this value"),
    (
        "clear_above",
        SetPoint,
        "高于此值恢复（如氧气）",
        "clears above this value, for example oxygen",
    ),
    ("window_s", Seconds, "时间窗长度（秒）", "length of the window, in s"),
    ("samples_min", Count, "窗内最少读数", "fewest readings in the window"),
    ("raise_per_min", Number, "每分钟上升达到此值报警", "raises at this rise a minute"),
    ("clear_per_min", Number, "每分钟上升低于此值恢复", "clears below this rise a minute"),
    ("method", Method, "直线的拟合方法", "how the line is laid"),
    ("target", SetPoint, "正在逼近的值", "the value that is approached"),
    ("horizon_s", Seconds, "预计在此时长内达到（秒）", "how soon it would be reached, in s"),
    ("significance", Number, "斜率的显著性", "how sure the slope must be"),
    ("raise_by", SetPoint, "高出基线此值报警", "raises at this much above the baseline"),
    ("clear_by", SetPoint, "高出基线不足此值恢复", "clears at less than this above the baseline"),
    ("noise_times", Number, "至少为噪声的倍数", "how many times the noise the rise must be"),
    (
        "baseline_window_s",
        Seconds,
        "基线取自多长的过去（秒）",
        "how much past the baseline takes, in s",
    ),
    ("baseline_step_s", Seconds, "基线的步长（秒）", "length of a step of the baseline, in s"),
    ("baseline_quantile", Number, "基线的分位数，0～0.5", "quantile of the baseline, 0 to 0.5"),
    ("baseline_steps_min", Count, "构成基线的最少步数", "fewest steps that make a baseline"),
    (
        "freeze_max_s",
        Seconds,
        "报警期间基线最长冻结多久（秒）",
        "how long the baseline stands still during an alarm, in s",
    ),
    ("noise_min", Number, "噪声不小于此值", "the noise is never taken to be smaller"),
    ("memory_s", Seconds, "记忆时长（秒）", "how far back it remembers, in s"),
    ("whiten", Number, "相邻读数的相关系数", "how much of a reading is left in the next"),
    ("allowance", Number, "每项扣除的量（噪声倍数）", "what is taken off every term, in noises"),
    ("clip", Number, "单项上限（噪声倍数）", "the most that one term counts, in noises"),
    ("span", Span, "比较范围：同区域或全站", "who is compared: the area or the site"),
    ("step_s", Seconds, "步长（秒）", "length of a step, in s"),
    ("steps_min", Count, "最少步数", "fewest steps"),
    ("mean_steps", Count, "对多少步取平均", "over how many steps it is averaged"),
    ("own", Recent, "与本通道近期水平比较", "against the channel's own recent level"),
    ("group", Recent, "与同组近期最高水平比较", "against the group's recent highest level"),
    ("points", Points, "时长与限值的对应点", "levels and how long each may last"),
    ("exponent", Number, "毒性负荷指数 n", "toxic load exponent n"),
    ("of", Rules, "计票的规则", "the rules whose alarms count"),
    ("needs", Count, "需要几个通道同时报警", "how many channels must agree"),
    ("within_m", Number, "只计此距离内的通道（米）", "only channels within this distance, in m"),
    ("wind", Wind, "只计沿风向的通道", "only channels along the wind"),
    ("when", Condition, "由其他规则组成的条件", "a condition on other rules"),
    ("after_s", Seconds, "持续多久报警（秒）", "after how long it raises, in s"),
    ("tolerance", Number, "数值在此范围内视为不变", "within how much a value stands still"),
    ("ignore_to", Number, "不高于此值时允许不变", "values up to this may stand still"),
    ("by", Number, "跳变达到此值报警", "raises at a jump of this much"),
    ("within_s", Seconds, "在多长时间内的跳变（秒）", "within how long the jump happens, in s"),
];

/// Form and meaning of a key.
pub(super) fn meaning(name: &str) -> Option<(Form, &'static str, &'static str)> {
    let found = MEANINGS.iter().find(|(key, ..)| *key == name);
    found.map(|(_, form, zh, en)| (*form, *zh, *en))
}
