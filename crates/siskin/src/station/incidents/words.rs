//! What is said of incidents, in Chinese and English.

use siskin_api::incidents::IncidentFault;
use siskin_model::incident::{
    ActRefused, DISCOVERED_DAYS_MAX, ENTRIES_MAX, FILES_MAX, IncidentId, Missing,
    REPORT_VERSIONS_MAX,
};
use siskin_model::{Site, Text, Warning, WarningId};

/// Why an act was refused.
pub(super) fn refused(why: &ActRefused) -> IncidentFault {
    IncidentFault::Refused { reason: english(&why.to_string()), reason_zh: chinese(why) }
}

/// A warning belongs to another incident.
pub(super) fn taken(warning: &WarningId, incident: &IncidentId) -> IncidentFault {
    IncidentFault::Refused {
        reason: format!("Warning `{warning}` belongs to incident `{incident}`. Act on that one."),
        reason_zh: format!("预警“{warning}”已归入事件“{incident}”。请在该事件中处理。"),
    }
}

/// The house's message as the sentences of a problem document.
fn english(text: &str) -> String {
    let sentence = |text: &str| {
        let mut letters = text.chars();
        let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
        first.unwrap_or_default() + letters.as_str() + "."
    };
    match text.split_once("; hint: ") {
        Some((what, hint)) => format!("{} {}", sentence(what), sentence(hint)),
        None => sentence(text),
    }
}

fn chinese(why: &ActRefused) -> String {
    match why {
        ActRefused::Closed => "该事件已结案。如需处理，请先重新开启。".to_owned(),
        ActRefused::Open => "该事件正在处置中，无需重新开启。".to_owned(),
        ActRefused::NoTask(number) => {
            format!("该事件没有第“{number}”号任务。请在事件记录中核对任务编号。")
        }
        ActRefused::TaskDone(number) => {
            format!("第“{number}”号任务已完成。如需补充，请写备注。")
        }
        ActRefused::NoDuty(duty) => {
            format!("该事件没有“{duty}”这项报告义务。请在事件的计时中选择。")
        }
        ActRefused::AlreadyMet(duty) => {
            format!("报告义务“{duty}”已履行。如需补充，请写备注。")
        }
        ActRefused::Future(at) => format!("时间“{at}”在将来。请核对时钟后重填。"),
        ActRefused::TooLongAgo(at) => format!(
            "时间“{at}”早于事件建立 {DISCOVERED_DAYS_MAX} 天以上。请在备注中写明更早的时间。"
        ),
        ActRefused::TooManyEntries => {
            format!("该事件的记录已达上限（{ENTRIES_MAX} 条）。请把补充内容作为文件上传。")
        }
        ActRefused::TooManyFiles => {
            format!("该事件的文件已达上限（{FILES_MAX} 个）。请把多个文件打包后上传。")
        }
        ActRefused::ReportVersion { version, expected } => {
            format!("不能签发第 {version} 版，下一版是第 {expected} 版。请重新查看草稿后签发。")
        }
        ActRefused::ReportChanged => "您查看的草稿已有变更。请重新查看草稿后再签发。".to_owned(),
        ActRefused::TooManyReports => {
            format!("该报告已达上限（{REPORT_VERSIONS_MAX} 版）。请把补充内容作为文件上传。")
        }
        ActRefused::NotClosable(missing) => {
            let lacks: Vec<_> = missing.iter().map(lack).collect();
            format!("暂不能结案：{}。请补齐后再结案。", lacks.join("；"))
        }
    }
}

fn lack(missing: &Missing) -> String {
    match missing {
        Missing::Cause => "未填写原因".to_owned(),
        Missing::Lessons => "未填写经验教训".to_owned(),
        Missing::Duty(duty) => format!("报告义务“{duty}”未履行，也未说明理由"),
        Missing::Warning(id) => format!("预警“{id}”尚未结束"),
    }
}

/// What an incident that a warning opens is called.
pub(super) fn title(site: &Site, warning: &Warning) -> Text {
    let area = site.areas.iter().find(|area| area.id == warning.area).map(|area| &area.name);
    let gas = site.gases.iter().find(|gas| gas.id == warning.gas).map(|gas| &gas.name);
    let tier = warning.tier.name();
    let (area_id, gas_id) = (warning.area.as_str(), warning.gas.as_str());
    let zh = format!(
        "{}{}{}",
        area.map_or(area_id, |name| name.zh.as_str()),
        gas.map_or(gas_id, |name| name.zh.as_str()),
        tier.zh,
    );
    let en = format!(
        "{}: {}, {}",
        area.map_or(area_id, |name| name.en.as_str()),
        gas.map_or(gas_id, |name| name.en.as_str()),
        tier.en,
    );
    Text::new(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_closure_lacks_is_said_in_both_languages() {
        let missing = vec![Missing::Lessons, Missing::Duty("county".to_owned())];
        let fault = refused(&ActRefused::NotClosable(missing));
        let IncidentFault::Refused { reason, reason_zh } = fault else { panic!("{fault:?}") };
        assert_eq!(
            reason,
            "The incident cannot be closed yet. Write the lessons, meet duty `county` or explain \
             in `unmet` why not."
        );
        assert_eq!(
            reason_zh,
            "暂不能结案：未填写经验教训；报告义务“county”未履行，也未说明理由。请补齐后再结案。"
        );
    }
}
