//! What is wrong with a scenario, in Chinese.

use siskin_engine::drill::ScenarioError;
use siskin_model::DRILL_MS_MAX;

pub(super) fn zh(error: &ScenarioError) -> String {
    match error {
        ScenarioError::Area(area) => format!("没有区域“{area}”；提示：区域见站点信息"),
        ScenarioError::Nothing { area, gas } => {
            format!("区域“{area}”内没有监测“{gas}”的通道；提示：请选择该区域监测的气体")
        }
        ScenarioError::Channel(channel) => {
            format!("通道“{channel}”不监测演练的气体；提示：请去掉该通道")
        }
        ScenarioError::Twice(channel) => {
            format!("通道“{channel}”重复；提示：每个通道只写一次")
        }
        ScenarioError::Unit { unit, channel } => {
            format!("单位“{unit}”无法换算为通道“{channel}”的单位；提示：请使用该通道的单位")
        }
        ScenarioError::Number { field, low, high } => {
            format!("“{field}”超出允许范围；提示：应在 {low} 至 {high} 之间")
        }
        ScenarioError::Length { asked_s } => {
            format!("演练将持续 {asked_s} 秒；提示：从现在到结束最长 {} 秒", DRILL_MS_MAX / 1000)
        }
        ScenarioError::Past => "释放时间早于现在；提示：立即开始时请省略 release_at_ms".to_owned(),
    }
}
