//! Why a roster is refused: the line, what is there, what to do, in English and Chinese.

use std::fmt;

use siskin_model::duty::ShiftFault;

use super::{ROSTER_BYTES_MAX, SHIFTS_MAX};

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterProblem {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong there.
    pub fault: RosterFault,
}

impl fmt::Display for RosterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.fault)
    }
}

impl RosterProblem {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        format!("第 {} 行：{}", self.line, self.fault.zh())
    }
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterFault {
    /// Larger than any roster.
    #[error("{0} bytes are more than {ROSTER_BYTES_MAX}; hint: is this a roster? bring a year")]
    TooLarge(usize),
    /// Nothing in it.
    #[error("there is no shift; hint: a CSV needs rows below its header, a calendar VEVENTs")]
    NoShift,
    /// More than can be kept.
    #[error("there are more than {SHIFTS_MAX} shifts; hint: bring a shorter stretch")]
    TooManyShifts,
    /// The same role, position, person and begin.
    #[error("this shift stands in the file already; hint: take one of the two out")]
    ShiftTwice,
    /// The shift itself.
    #[error(transparent)]
    Shift(#[from] ShiftFault),
    /// Not an id.
    #[error(
        "`{0}` is not the name of a role or position; hint: letters, digits, `-` and `_`, \
         for example `operator`, `leader` or `east`"
    )]
    DeskName(String),
    /// Not a moment.
    #[error(
        "`{0}` is not a date and time; hint: `2026-12-01 08:00` in the park's time, \
         or `2026-12-01T08:00:00+08:00`"
    )]
    Moment(String),
    /// Not in the contact book.
    #[error("nobody is called `{0}`; hint: add them to the contact book, or correct the name")]
    UnknownPerson(String),
    /// Two people have the name.
    #[error("several people are called `{name}`; hint: write one of the ids {ids}")]
    NameShared {
        /// The name.
        name: String,
        /// Ids of those who have it.
        ids: String,
    },
    /// Nobody is named.
    #[error("the shift names nobody; hint: fill in the person")]
    NoPerson,
    /// A column that must be there.
    #[error("there is no column `{0}`; hint: the first line names the columns, see docs/duty.md")]
    ColumnMissing(&'static str),
    /// A column that nothing reads.
    #[error(
        "nothing reads the column `{0}`; hint: columns are from, to, role, position, person, \
         substitutes (开始, 结束, 角色, 岗位, 人员, 替班)"
    )]
    ColumnUnknown(String),
    /// A column that is there twice.
    #[error("the column `{0}` is there twice; hint: take one of the two out")]
    ColumnTwice(&'static str),
    /// A row with more or fewer fields.
    #[error("the row has {found} fields, the header {expected}; hint: quote fields with commas")]
    Fields {
        /// Of this row.
        found: usize,
        /// Of the header.
        expected: usize,
    },
    /// Not CSV.
    #[error("the row cannot be read: {0}; hint: save it as CSV in UTF-8")]
    Row(String),
    /// Not a line of a calendar.
    #[error(
        "`{0}` is not a line of a calendar; hint: export the calendar anew, \
         or mend the line to `NAME:value`"
    )]
    Line(String),
    /// A part that does not end.
    #[error("`BEGIN:{0}` has no end; hint: the file is cut off, export it anew")]
    Unclosed(String),
    /// An end without a begin.
    #[error("`END:{0}` has no begin; hint: the file is damaged, export it anew")]
    Unopened(String),
    /// A property that an event must have.
    #[error("the event has no {0}; hint: give it a begin and an end")]
    PropertyMissing(&'static str),
    /// A property that stands twice.
    #[error("the event has {0} twice; hint: the file is damaged, export it anew")]
    PropertyTwice(&'static str),
    /// A time zone with rules of its own.
    #[error(
        "the time zone `{0}` is not known here; hint: export the calendar in the time zone \
         Asia/Shanghai or in UTC"
    )]
    Zone(String),
    /// A rule that cannot be followed.
    #[error(
        "the repetition cannot be followed: {0}; hint: repeat daily or weekly, \
         or write the shifts one by one"
    )]
    Rule(String),
    /// A rule without an end.
    #[error(
        "the event repeats for ever; hint: give it an end (COUNT or UNTIL), \
         a roster must not run on unseen"
    )]
    Endless,
    /// What would change which shifts there are.
    #[error("{0} is not read here; hint: write these shifts as events of their own")]
    Unsupported(String),
    /// Nothing says which role.
    #[error(
        "nothing says which role the shift is for; hint: call the event `operator: 李雷`, \
         or give it the category `operator`"
    )]
    NoRole,
}

impl RosterFault {
    /// With its line.
    pub(super) fn at(self, line: u64) -> RosterProblem {
        RosterProblem { line, fault: self }
    }

    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::TooLarge(bytes) => {
                format!("文件有 {bytes} 字节，超过 {ROSTER_BYTES_MAX}；提示：每次最多导入一年")
            }
            Self::NoShift => "没有班次；提示：CSV 表头下要有数据行，日历中要有 VEVENT".to_owned(),
            Self::TooManyShifts => format!("班次超过 {SHIFTS_MAX} 个；提示：请缩短时间范围"),
            Self::ShiftTwice => "该班次在文件中重复；提示：请删去其中一个".to_owned(),
            Self::Shift(fault) => fault.zh(),
            Self::DeskName(text) => format!(
                "“{text}”不能作为角色或岗位的编号；提示：用字母、数字、-、_，如 operator、leader"
            ),
            Self::Moment(text) => {
                format!("“{text}”不是日期时间；提示：写作 2026-12-01 08:00（园区时间）")
            }
            Self::UnknownPerson(name) => {
                format!("通讯录中没有“{name}”；提示：请先加入通讯录，或改正姓名")
            }
            Self::NameShared { name, ids } => {
                format!("有多人叫“{name}”；提示：请改写为编号 {ids} 之一")
            }
            Self::NoPerson => "班次没有写人员；提示：请填写人员".to_owned(),
            Self::ColumnMissing(name) => {
                format!("缺少列“{name}”；提示：第一行是表头，见 docs/duty.md")
            }
            Self::ColumnUnknown(name) => {
                format!("不认识列“{name}”；提示：可用的列为 开始、结束、角色、岗位、人员、替班")
            }
            Self::ColumnTwice(name) => format!("列“{name}”出现两次；提示：请删去其中一列"),
            Self::Fields { found, expected } => {
                format!("本行有 {found} 个字段，表头有 {expected} 个；提示：含逗号的字段要加引号")
            }
            Self::Row(why) => format!("无法读取本行（{why}）；提示：请存为 UTF-8 编码的 CSV"),
            Self::Line(text) => {
                format!("“{text}”不是日历文件的行；提示：请重新导出日历")
            }
            Self::Unclosed(name) => format!("BEGIN:{name} 没有结束；提示：文件不完整，请重新导出"),
            Self::Unopened(name) => format!("END:{name} 没有开始；提示：文件已损坏，请重新导出"),
            Self::PropertyMissing(name) => {
                format!("日程没有 {name}；提示：请填写起止时间")
            }
            Self::PropertyTwice(name) => format!("日程中 {name} 出现两次；提示：请重新导出日历"),
            Self::Zone(zone) => {
                format!("不认识时区“{zone}”；提示：请以 Asia/Shanghai 或 UTC 时区导出")
            }
            Self::Rule(why) => {
                format!("无法处理该重复规则（{why}）；提示：请用每天或每周重复，或逐个列出班次")
            }
            Self::Endless => {
                "日程无限期重复；提示：请设定结束（COUNT 或 UNTIL），排班不能无人察觉地延续"
                    .to_owned()
            }
            Self::Unsupported(what) => {
                format!("不支持 {what}；提示：请把这些班次写成单独的日程")
            }
            Self::NoRole => {
                "看不出班次属于哪个角色；提示：把日程命名为“operator: 李雷”，或设类别 operator"
                    .to_owned()
            }
        }
    }
}
