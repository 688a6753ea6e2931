//! The messages of the checker about rules. More particular forms stand before general ones.

use super::Form;

pub(super) const MESSAGES: &[Form] = &[
    // What stands in a file.
    ("not valid TOML: {}", "TOML 格式有误：{0}"),
    ("{} has no `{}`", "{0}缺少 `{1}`"),
    ("unknown key `{}` in {}", "{1}中有未知的键 `{0}`"),
    ("`{}` must be a list of tables, found {}", "`{0}` 应为一组表，实为{1}"),
    ("`{}` must be {}, found {}", "`{0}` 应为{1}，实为{2}"),
    ("`{}` cannot be `{}`", "`{0}` 不能是 `{1}`"),
    ("`{}` is empty", "`{0}` 为空"),
    ("`{}` is `{}`, which is not a length of time", "`{0}` 为 `{1}`，不是时长"),
    ("`{}` is `{}`, outside {} to {}", "`{0}` 为 `{1}`，超出 {2} 至 {3}"),
    ("`{}` is `{}`", "`{0}` 的值 `{1}` 不可用"),
    ("`{}` is below 1", "`{0}` 小于 1"),
    ("there is no {} `{}`", "没有名为 `{1}` 的 {0}"),
    ("two rules are called `{}`", "有两条规则都叫 `{0}`"),
    ("two {}s are called `{}`", "有两个 {0} 都叫 `{1}`"),
    ("the rule set `{}` has a rule `{}` too", "规则集 `{0}` 中也有规则 `{1}`"),
    ("the rule set `{}` is named twice", "规则集 `{0}` 写了两次"),
    ("there is no rule set `{}`", "没有规则集 `{0}`"),
    ("no channel measures a gas of the rule set `{}`", "没有通道测量规则集 `{0}` 的气体"),
    ("a rule set has no [rule_set]", "规则集缺少 [rule_set]"),
    ("rule `{}` of a rule set must name a gas, and only that", "规则集中的规则 `{0}` 只能写明气体"),
    ("the file `{}` holds the rule set `{}`", "文件 `{0}` 中的规则集是 `{1}`"),
    ("the site has no `{}`", "站点没有 `{0}`"),
    // What kinds have.
    ("a `{}` rule does not use `{}`", "`{0}` 规则不用 `{1}`"),
    ("an `{}` rule does not use `{}`", "`{0}` 规则不用 `{1}`"),
    ("a `{}` rule has no tier: {}", "`{0}` 规则没有级别：{1}"),
    ("an `{}` rule has no tier: {}", "`{0}` 规则没有级别：{1}"),
    (
        "a threshold has both `clear_below` and `clear_above`",
        "阈值规则同时写了 `clear_below` 和 `clear_above`",
    ),
    (
        "a threshold has neither `clear_below` nor `clear_above`",
        "阈值规则没有写 `clear_below` 或 `clear_above`",
    ),
    ("a rule does not say which channels it judges", "规则没有写明判断哪些通道"),
    ("a rule says in two ways which channels it judges", "规则以两种方式写明判断哪些通道"),
    ("a vote of no rule", "表决没有写明规则"),
    ("a vote cannot count `{}`: {}", "表决不能计入 `{0}`：{1}"),
    ("a condition cannot look at `{}`: {}", "条件不能引用 `{0}`：{1}"),
    ("the points must rise in time and not rise in level", "各点的时长应递增，限值不得递增"),
    ("`points` has {} points", "`points` 有 {0} 个点"),
    ("`{}`: a `)` that nothing opens", "`{0}`：有多余的 `)`"),
    ("`{}`: this `(` is never closed", "`{0}`：`(` 没有闭合"),
    ("`{}`: expected {}, found {}", "`{0}`：此处应为{1}，实为{2}"),
    ("`{}`: nested deeper than {}", "`{0}`：嵌套超过 {1} 层"),
    ("`{}`: more than {} rules in one condition", "`{0}`：一个条件中超过 {1} 条规则"),
    ("`{}`: {}", "`{0}`：{1}"),
    // Windows and steps.
    ("the baseline has {} steps, at most {} are kept", "基线有 {0} 步，最多保留 {1} 步"),
    ("the baseline wants {} steps, its window has {}", "基线要求 {0} 步，窗内只有 {1} 步"),
    (
        "the window of `{}` has {} steps, at most {} are kept",
        "`{0}` 的时间窗有 {1} 步，最多保留 {2} 步",
    ),
    (
        "`steps_min` is {}, the window of `{}` has {} steps",
        "`steps_min` 为 {0}，而 `{1}` 的时间窗只有 {2} 步",
    ),
    ("the window is {} s long", "时间窗长 {0} 秒"),
    (
        "rule `{}` wants {} {}, a window of {} s has {} of channel `{}`",
        "规则 `{0}` 要求 {1} {2}，而通道 `{5}` 在 {3} 秒的窗内只有 {4} 个",
    ),
    ("rule `{}` waits more than an hour before it raises", "规则 `{0}` 要等一小时以上才报警"),
    (
        "rule `{}` takes {} ms for a gap, channel `{}` is read every {} ms",
        "规则 `{0}` 把 {1} 毫秒当作中断，而通道 `{2}` 每 {3} 毫秒才读一次",
    ),
    (
        "rule `{}` takes {} ms for silence, channel `{}` is read every {} ms",
        "规则 `{0}` 把 {1} 毫秒当作无数据，而通道 `{2}` 每 {3} 毫秒才读一次",
    ),
    (
        "rule `{}` raises after one lost reading of `{}`",
        "通道 `{1}` 丢失一个读数，规则 `{0}` 就会报警",
    ),
    (
        "rule `{}` compares readings within {} ms, channel `{}` is read every {} ms",
        "规则 `{0}` 比较 {1} 毫秒内的读数，而通道 `{2}` 每 {3} 毫秒才读一次",
    ),
    // Set points.
    ("clears below {}: clean air would never clear it", "低于 {0} 才恢复：洁净空气下也不会恢复"),
    ("clears below {} but raises at {}", "低于 {0} 恢复，却在 {1} 报警"),
    ("clears above {} but raises at {}", "高于 {0} 恢复，却在 {1} 报警"),
    (
        "rule `{}` raises at {}, beyond the range of channel `{}`{}",
        "规则 `{0}` 在 {1} 报警，超出通道 `{2}` 的量程{3}",
    ),
    (
        "rule `{}` raises at {}, channel `{}`{} shows steps of {}",
        "规则 `{0}` 在 {1} 报警，而通道 `{2}` 的分辨力为 {4}{3}",
    ),
    (
        "rule `{}` clears above {}, channel `{}` shows nothing higher",
        "规则 `{0}` 高于 {1} 才恢复，而通道 `{2}` 显示不到更高",
    ),
    (
        "rule `{}` has only limits beyond the range of channel `{}`{}",
        "规则 `{0}` 的限值都超出通道 `{1}` 的量程{2}",
    ),
    (
        "rule `{}` has too wide a `tolerance` for channel `{}`{}",
        "规则 `{0}` 的 `tolerance` 对通道 `{1}` 太宽{2}",
    ),
    (
        "rule `{}` asks for a jump beyond the range of channel `{}`{}",
        "规则 `{0}` 要求的跳变超出通道 `{1}` 的量程{2}",
    ),
    ("`{}` is no concentration", "`{0}` 不是浓度单位"),
    ("whose `{}`? the rule names no gas", "规则没有写明气体，不知道是谁的 `{0}`"),
    ("`{}` is in `{}`, which is not convertible to `{}`", "`{0}` 的单位是 `{1}`，不能换算为 `{2}`"),
    ("`{}` of {} cannot be converted to `{}`", "{1}的 `{0}` 不能换算为 `{2}`"),
    ("the catalogue has no limit `{}` for {}", "气体目录中 {1} 没有限值 `{0}`"),
    (
        "rule `{}` rests on {} of {}, which is unverified ({})",
        "规则 `{0}` 依据 {2} 的 {1}，该限值未经核实（{3}）",
    ),
    (
        "rule `{}` is for {}, which this site does not use: it is left out",
        "规则 `{0}` 属于 {1}，本站点不用该级别：已略去",
    ),
    // Channels, tiers, rules among themselves.
    ("rule `{}` judges no channel", "规则 `{0}` 不判断任何通道"),
    ("channel `{}` does not measure `{}`", "通道 `{0}` 不测量 `{1}`"),
    ("rule `{}` is about gas and judges weather", "规则 `{0}` 针对气体，却判断气象通道"),
    ("channel `{}` is unwatched: {}", "通道 `{0}` 未被监视：{1}"),
    ("weather channel `{}` has no no-data rule", "气象通道 `{0}` 没有无数据规则"),
    ("channel `{}`: {}", "通道 `{0}`：{1}"),
    ("this site has no tier `{}`", "本站点没有级别 `{0}`"),
    (
        "the tiers do not rise: `{}` ({}) must raise above `{}` ({})",
        "级别没有递升：`{0}`（{1}）的报警值应高于 `{2}`（{3}）",
    ),
    (
        "the tiers do not rise: `{}` ({}) must raise below `{}` ({})",
        "级别没有递升：`{0}`（{1}）的报警值应低于 `{2}`（{3}）",
    ),
    (
        "the tiers do not fall in order: `{}` ({}) clears below `{}` ({})",
        "级别没有依次恢复：`{0}`（{1}）的恢复值低于 `{2}`（{3}）",
    ),
    (
        "the tiers do not fall in order: `{}` ({}) clears above `{}` ({})",
        "级别没有依次恢复：`{0}`（{1}）的恢复值高于 `{2}`（{3}）",
    ),
    ("rule `{}`: a lower tier cannot suppress a higher one", "规则 `{0}`：低级别不能抑制高级别"),
    ("rule `{}` looks at itself: {}", "规则 `{0}` 引用了自己：{1}"),
    (
        "rule `{}` looks at rules that look at rules, more than {} deep{}",
        "规则 `{0}` 引用的规则又引用规则，超过 {1} 层{2}",
    ),
    (
        "rule `{}` could warn while no gas rule is in alarm",
        "没有气体规则报警时，规则 `{0}` 也可能预警",
    ),
    (
        "rule `{}` has no `tier` and no vote or boolean rule names it: it warns nobody",
        "规则 `{0}` 没有 `tier`，也没有表决或条件规则引用它：它不预警任何人",
    ),
    (
        "rule `{}` looks at `{}`, which does not judge channel `{}`{}",
        "规则 `{0}` 引用 `{1}`，而后者不判断通道 `{2}`{3}",
    ),
    (
        "rule `{}` votes on channel `{}`{}, which none of its rules judges",
        "规则 `{0}` 在通道 `{1}`{2}上表决，而它计票的规则都不判断该通道",
    ),
    (
        "rule `{}` needs {} channels, only {} can count on channel `{}`{}",
        "规则 `{0}` 需要 {1} 个通道，而通道 `{3}` 上最多只能计 {2} 个{4}",
    ),
    ("rule `{}` looks at the wind, the site has {}", "规则 `{0}` 要看风，而站点{1}"),
];
