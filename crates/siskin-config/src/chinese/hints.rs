//! The hints of the checker about rules. More particular forms stand before general ones.

use super::Form;

pub(super) const HINTS: &[Form] = &[
    ("did you mean `{}`?", "是否应为 `{0}`？"),
    ("known {}: {}", "可用的有：{1}"),
    ("no {} are known", "没有可用的名称"),
    (
        "add a line `tier = …`, or name the rule in a `vote` or `boolean` rule",
        "请加一行 `tier = …`，或在 `vote`、`boolean` 规则中引用它",
    ),
    ("add a line `{} = …`", "请加一行 `{0} = …`"),
    ("its own keys are {}", "此类规则的键有 {0}"),
    ("this file holds only [[{}]] tables", "此文件只能有 [[{0}]]"),
    (
        "a text stands in quotes, a list in [ ], a table begins with [name]",
        "文字写在引号中，列表写在 [ ] 中，表以 [名称] 开头",
    ),
    ("write `true` or `false`", "请写 `true` 或 `false`"),
    ("write a finite number", "请写有限的数字"),
    ("write a condition in quotes", "请把条件写在引号中"),
    ("write a text in quotes", "请把文字写在引号中"),
    ("write a list in [ ]", "请把列表写在 [ ] 中"),
    ("write a text or leave the key out", "请写文字，或去掉此键"),
    ("write a number above 0", "请写大于 0 的数字"),
    ("write a number of seconds above 0", "请写大于 0 的秒数"),
    ("write at least {}", "请至少写 {0}"),
    ("write at most {} seconds, a day", "请最多写 {0} 秒（一天）"),
    ("write at most {}", "请最多写 {0}"),
    ("write seconds above 0, at most {}", "请写大于 0 的秒数，最多 {0}"),
    ("write seconds from 0 to {}", "请写 0 至 {0} 的秒数"),
    ("write degrees, from 1 to 90, for example 45", "请写 1 至 90 度，例如 45"),
    ("write minutes, from 1 to 1440 (a day)", "请写 1 至 1440 分钟（一天）"),
    ("write metres a second, for example 1.0", "请写米每秒，例如 1.0"),
    ("write metres above 0", "请写大于 0 的米数"),
    ("write a contrast above 0", "请写大于 0 的差值"),
    ("write a level above 0", "请写大于 0 的限值"),
    ("write noises, for example 0.5", "请写噪声的倍数，例如 0.5"),
    ("write a sum in noises above 0", "请写大于 0 的噪声倍数之和"),
    ("write the most one sample may add, in noises", "请写单个读数最多计多少倍噪声"),
    ("write a fraction of the limit, for example 1.0", "请写限值的几分之几，例如 1.0"),
    ("a sum in noises needs a noise above 0", "按噪声求和时，噪声必须大于 0"),
    (
        "write the noise that the channel has at least, in the rule's unit",
        "请写通道至少有的噪声（规则的单位）",
    ),
    (
        "write how fast a rise must be, in the rule's unit a minute",
        "请写每分钟至少上升多少（规则的单位）",
    ),
    (
        "write how many times that level must be reached; 0: it does not count",
        "请写须达到该水平的几倍；0 表示不计",
    ),
    (
        "write how many times the noise a rise must be, for example 6",
        "请写上升至少为噪声的几倍，例如 6",
    ),
    (
        "write how many standard errors the slope must have, for example 4.0",
        "请写斜率至少为标准误的几倍，例如 4.0",
    ),
    (
        "write how many standard deviations Kendall's S must have, for example 3.0",
        "请写 Kendall S 至少为标准差的几倍，例如 3.0",
    ),
    (
        "write how much of a sample is left in the next, 0 to 0.95, or leave the key out: then it \
         is estimated",
        "请写相邻读数的相关系数（0 至 0.95），或去掉此键，由系统估计",
    ),
    (
        "write rule ids with `and`, `or`, `not` and parentheses, for example `a and not (b or c)`",
        "请用规则编号与 `and`、`or`、`not` 和括号组成条件，例如 `a and not (b or c)`",
    ),
    (
        "`and`, `or` and `not` are written in lower case, each between two conditions",
        "`and`、`or`、`not` 用小写，写在两个条件之间",
    ),
    ("write `and`", "请写 `and`"),
    ("write `or`", "请写 `or`"),
    ("write `not`", "请写 `not`"),
    ("add a `)`", "请加上 `)`"),
    ("take it out, or add a `(`", "请去掉，或加上 `(`"),
    ("give the inner part a rule of its own", "请把内层写成单独的规则"),
    ("give parts of it rules of their own", "请把其中几部分写成单独的规则"),
    (
        "write the toxic load exponent n of the gas, or leave the key out: then it follows from \
         the points",
        "请写该气体的毒性负荷指数 n，或去掉此键，由各点推算",
    ),
    (
        "write them from the shortest time to the longest; a longer time has a lower or the same \
         limit",
        "请按时长从短到长写；时长越长，限值应越低或相同",
    ),
    (
        "write 1 to {}, as { minutes = 10, limit = 2.8 }",
        "请写 1 至 {0} 个，形如 { minutes = 10, limit = 2.8 }",
    ),
    (
        "write which share of the recent steps is lower, 0 to 1, for example 0.9",
        "请写近期有多大比例的步低于它（0 至 1），例如 0.9",
    ),
    (
        "write which share of the time the air is quieter than the baseline, 0 to 0.5, for example \
         0.2",
        "请写空气有多大比例的时间低于基线（0 至 0.5），例如 0.2",
    ),
    ("write how long one step is, at least 1 s, for example 60", "请写步长，至少 1 秒，例如 60"),
    (
        "write within how much a frozen value stays, a few steps of the channel's `resolution`",
        "请写卡死的数值在多大范围内不动：几个 `resolution`",
    ),
    (
        "write within how much a value stands still, in the rule's unit, 0 or more",
        "请写数值在多大范围内算不变（规则的单位，不小于 0）",
    ),
    (
        "write the smallest jump that no gas makes, in the rule's unit",
        "请写气体不可能有的最小跳变（规则的单位）",
    ),
    (
        "lower `baseline_steps_min`, or write a longer `baseline_window_s`",
        "请减小 `baseline_steps_min`，或加长 `baseline_window_s`",
    ),
    (
        "write a longer `baseline_step_s` or a shorter `baseline_window_s`",
        "请加长 `baseline_step_s`，或缩短 `baseline_window_s`",
    ),
    ("write a longer `step_s` or a shorter window", "请加长 `step_s`，或缩短时间窗"),
    ("lower `steps_min`, or write a longer window", "请减小 `steps_min`，或加长时间窗"),
    ("write a longer `after_s`, or read faster", "请加长 `after_s`，或提高采样频率"),
    ("write a longer `{}`", "请加长 `{0}`"),
    (
        "`{}` is read every {} ms: lower `{}`, or read faster",
        "`{0}` 每 {1} 毫秒读一次：请减小 `{2}`，或提高采样频率",
    ),
    (
        "its delays would start anew with every reading and never end: write a longer `gap_s`",
        "每个读数都会使延时重新计时，永远不会结束：请加长 `gap_s`",
    ),
    (
        "it would raise between any two readings: write a longer `after_s`",
        "任意两个读数之间都会报警：请加长 `after_s`",
    ),
    ("a window-mean rule judges long exposure", "长时间暴露请用 window-mean 规则"),
    // Set points.
    ("write `{}` at or below `{}`", "`{0}` 不得高于 `{1}`"),
    ("write `{}` at or above `{}`", "`{0}` 不得低于 `{1}`"),
    ("write `{}` at or higher than `{}`", "`{0}` 不得低于 `{1}`"),
    ("write `{}` at or lower than `{}`", "`{0}` 不得高于 `{1}`"),
    ("write `{}` above 0", "`{0}` 应大于 0"),
    ("write `clear_above` inside the channel's range", "`clear_above` 应在通道量程之内"),
    (
        "write `clear_below` where too much is bad (gas), `clear_above` where too little is \
         (oxygen), one of the two",
        "过高为害（气体）写 `clear_below`，过低为害（氧气）写 `clear_above`，二者选一",
    ),
    (
        "the channel can never reach it: lower the set point, or leave the channel's area out of \
         the rule and give it rules of its own",
        "该通道不可能达到：请降低设定值，或把该区域从规则中去掉，另写规则",
    ),
    (
        "the channel can never fall to it: raise the set point, or leave the channel's area out of \
         the rule and give it rules of its own",
        "该通道不可能降到：请提高设定值，或把该区域从规则中去掉，另写规则",
    ),
    (
        "the channel can never reach them: add a longer time with a lower limit, or leave the \
         channel out of the rule",
        "该通道不可能达到：请加一个更长时长、更低限值的点，或把该通道从规则中去掉",
    ),
    (
        "the device cannot tell the set point from clean air: raise it, or use a finer device",
        "设备分不清该设定值与洁净空气：请提高设定值，或换用更精细的设备",
    ),
    (
        "no value of the channel can jump that far: write a smaller `by`",
        "通道的数值不可能跳变这么大：请减小 `by`",
    ),
    (
        "limits of gas rules are for example in `ppm` or `mg/m3`",
        "气体规则的限值单位例如 `ppm` 或 `mg/m3`",
    ),
    ("add `gas = …` to the rule, or write a number", "请给规则加上 `gas = …`，或直接写数字"),
    (
        "write the rule in `{}`, or a number instead of the limit",
        "请用 `{0}` 写此规则，或用数字代替该限值",
    ),
    (
        "the catalogue has no molar mass for this gas: use the same unit in both",
        "气体目录中没有该气体的摩尔质量：两处请用同一单位",
    ),
    (
        "the catalogue has no lower explosive limit in % by volume for this gas",
        "气体目录中没有该气体的爆炸下限（体积分数）",
    ),
    (
        "write the rule in the channel's unit, one rule for each unit",
        "请用通道的单位写规则，每种单位一条",
    ),
    // Channels, tiers, rules among themselves.
    (
        "write `gas = \"chlorine\"`, with `areas = […]` for some areas only, or `channels = […]`",
        "请写 `gas = \"chlorine\"`（只判断部分区域时加 `areas = […]`），或写 `channels = […]`",
    ),
    (
        "write `all = true`, or `gas = …`, `areas = […]` or `channels = […]`",
        "请写 `all = true`，或 `gas = …`、`areas = […]`、`channels = […]`",
    ),
    (
        "a rule set is for any site: write `gas = …`, without areas and channels",
        "规则集适用于任何站点：请写 `gas = …`，不写区域和通道",
    ),
    (
        "begin with [rule_set] and its `id`, `name`, `version` and `source_note`",
        "请以 [rule_set] 开头，写明 `id`、`name`、`version` 和 `source_note`",
    ),
    (
        "no channel of the site is in its scope: correct the scope, or take the rule out",
        "站点没有它所判断的通道：请改正范围，或去掉此规则",
    ),
    (
        "only gas gives tiers: take the channel out of the rule",
        "只有气体才分级别：请把该通道从规则中去掉",
    ),
    ("take the channel out of the rule, or correct the gas", "请把该通道从规则中去掉，或改正气体"),
    ("take `suppressed_by` out, or name another rule", "请去掉 `suppressed_by`，或写另一条规则"),
    ("take `tier` out", "请去掉 `tier`"),
    ("take `unwatched` out as soon as rules watch it", "有规则监视它后请去掉 `unwatched`"),
    (
        "add it to a no-data rule, or write one with `all = true`",
        "请把它加入无数据规则，或写一条 `all = true` 的规则",
    ),
    (
        "write such a rule, or `unwatched = true` with an `unwatched_reason`",
        "请写这样的规则，或写 `unwatched = true` 并说明 `unwatched_reason`",
    ),
    ("give each its own id", "请各用各的编号"),
    (
        "rename the other rule, or leave `{}` out of `rule_sets`",
        "请改名，或从 `rule_sets` 中去掉 `{0}`",
    ),
    ("rename the file to `{}`, or change the id", "请把文件改名为 `{0}`，或改编号"),
    ("name it once", "只写一次"),
    (
        "it is for {}: take it out of `rule_sets`, or correct the channels",
        "它用于 {0}：请从 `rule_sets` 中去掉，或改正通道",
    ),
    ("name gas rules only", "只能写气体规则"),
    (
        "name at least one rule, for example `of = [\"chlorine-yellow\"]`",
        "请至少写一条规则，例如 `of = [\"chlorine-yellow\"]`",
    ),
    ("name the rules at the beginning of the chain instead", "请直接引用最前面的规则"),
    (
        "a rule can only look at rules that do not look at it: take one of them out",
        "规则不能互相引用：请去掉其中一个",
    ),
    (
        "take it out: absence of data never raises and never clears a warning",
        "请去掉：没有数据既不会引起预警，也不会解除预警",
    ),
    (
        "join every `not` and every rule about a device by `and` to a gas rule, for example `high \
         and not stuck`",
        "每个 `not` 和设备规则都要用 `and` 与气体规则相连，例如 `high and not stuck`",
    ),
    ("give both rules the same channels", "两条规则的通道应相同"),
    ("give the vote the channels of its rules", "表决的通道应与其规则相同"),
    (
        "lower `needs`, write `span = \"site\"` or a larger `within_m`, or leave the area out of \
         the vote",
        "请减小 `needs`，写 `span = \"site\"` 或加大 `within_m`，或把该区域从表决中去掉",
    ),
    (
        "add the wind to analyzers.toml, or take `wind` out of the vote",
        "请在 analyzers.toml 中加入风速风向，或从表决中去掉 `wind`",
    ),
    ("give {} a higher set point than {}", "{0} 的设定值应高于 {1}"),
    ("give {} a lower set point than {}", "{0} 的设定值应低于 {1}"),
    ("give {} a `{}` not under that of {}", "{0} 的 `{1}` 不得低于 {2} 的"),
    ("give {} a `{}` not over that of {}", "{0} 的 `{1}` 不得高于 {2} 的"),
    ("use one of: {}; or add it to `tiers`", "可用：{0}；或加入 `tiers`"),
    (
        "add the tier to `tiers` in site.toml if the site should have it",
        "如需该级别，请加入 site.toml 的 `tiers`",
    ),
    (
        "look the limit up in its source and correct the catalogue, or write a number{}",
        "请查证该限值并改正气体目录，或直接写数字{0}",
    ),
    (
        "compare firmware-configs/sites/demo-park, a complete site",
        "可参照 firmware-configs/sites/demo-park，一个完整的站点",
    ),
];
