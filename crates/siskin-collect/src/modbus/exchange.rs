//! What can go wrong with one request, in words for people.

use siskin_model::Text;

use crate::words::{Words, no_answer};

/// Why a poll gave no answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nothing came in time.
    #[error(
        "{}; hint: check unit id, power and cable of the device",
        silence(*patience_ms, *noise).en
    )]
    Timeout {
        patience_ms: u128,
        /// Bytes that came and were no answer.
        noise: u64,
    },
    /// The connection broke.
    #[error("the connection broke: {}; hint: look at the network or the gateway", .0.en)]
    Broken(Text),
    /// Something came that is no answer to the request.
    #[error("the answer does not belong to the request: {0}; hint: is another master connected?")]
    Mismatch(String),
    /// The device answered that it cannot.
    #[error("the device answered with exception {code} ({}); hint: {}", .name.en, .hint.en)]
    Exception { code: u8, name: Words, hint: Words },
}

impl Failure {
    /// The message in both languages.
    pub(crate) fn text(&self) -> Text {
        let zh = match self {
            Self::Timeout { patience_ms, noise } => {
                format!("{}；请检查设备地址、供电和通信线路", silence(*patience_ms, *noise).zh)
            }
            Self::Broken(why) => format!("连接断开（{}）；请检查网络或网关", why.zh),
            Self::Mismatch(what) => {
                format!("应答与请求不符（{what}）；请检查是否还有其他主站接入")
            }
            Self::Exception { code, name, hint } => {
                format!("设备返回异常码 {code}（{}）；{}", name.zh, hint.zh)
            }
        };
        Text::new(zh, self.to_string())
    }

    /// Whether the connection can no longer be trusted.
    pub(crate) const fn is_line(&self) -> bool {
        !matches!(self, Self::Exception { .. })
    }

    /// Whether a gateway says that the device is silent.
    pub(crate) const fn is_silence(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Exception { code: 10 | 11, .. })
    }

    /// Whether the device may be asked again soon: the exceptions of busy devices and of gateways
    /// whose device is silent.
    pub(crate) const fn is_transient(&self) -> bool {
        matches!(self, Self::Exception { code: 5 | 6 | 10 | 11, .. })
    }
}

/// Silence, or nothing but noise.
fn silence(patience_ms: u128, noise: u64) -> Text {
    let Text { zh, en } = no_answer(patience_ms);
    if noise == 0 {
        return Text::new(zh, en);
    }
    Text::new(format!("{zh}，另有 {noise} 个杂散字节"), format!("{en}, {noise} stray bytes"))
}

/// The failure that an exception `code` is.
pub(crate) fn exception_of(code: u8) -> Failure {
    let (name, hint) = match code {
        1 => (["功能码不支持", "illegal function"], COMPARE),
        2 => (["数据地址无效", "illegal data address"], COMPARE),
        3 => (
            ["数据值无效", "illegal data value"],
            ["请调小设备配置文件中的 limits.max_regs", "lower `limits.max_regs` of the profile"],
        ),
        4 => (
            ["设备故障", "device failure"],
            ["请检查设备，或核对设备地址", "look at the device, or check its unit id"],
        ),
        5 => (
            ["已受理", "acknowledge"],
            ["设备忙，将再次询问", "the device is busy; it is asked again"],
        ),
        6 => (
            ["设备忙", "device busy"],
            ["请检查是否还有其他主站接入", "is another master connected?"],
        ),
        8 => (["内存校验错误", "memory parity error"], ["请检查设备", "look at the device"]),
        10 => (
            ["网关路径不可用", "gateway path unavailable"],
            ["请检查网关设置", "look at the gateway's settings"],
        ),
        11 => (
            ["网关后的设备无应答", "gateway target silent"],
            ["请检查设备地址、供电和通信线路", "check unit id, power and cable of the device"],
        ),
        _ => (["未知", "unknown"], ["请查阅设备手册", "look it up in the device's manual"]),
    };
    let words = |[zh, en]: [&'static str; 2]| Words { zh, en };
    Failure::Exception { code, name: words(name), hint: words(hint) }
}

/// The hint for a device that lacks what its profile says it has.
const COMPARE: [&str; 2] = ["请核对设备型号与设备配置文件", "compare the model with its profile"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::check_text;

    #[test]
    fn every_failure_is_said_in_both_languages() {
        let timeout = |noise| Failure::Timeout { patience_ms: 500, noise };
        let closed = Failure::Broken(Text::new("对方已关闭连接", "end of file"));
        let others = [timeout(0), timeout(37), closed, Failure::Mismatch("id 1 != 2".into())];
        for failure in (0..=255).map(exception_of).chain(others) {
            assert_eq!(failure.text().en, failure.to_string());
            check_text(&failure.text());
        }
        assert_eq!(timeout(0).text().zh, "500 ms 内无应答；请检查设备地址、供电和通信线路");
        assert!(timeout(37).to_string().starts_with("no answer within 500 ms, 37 stray bytes; "));
    }

    #[test]
    fn only_busy_and_silent_gateways_are_transient() {
        let transient = |code| exception_of(code).is_transient();
        let codes: Vec<u8> = (1..=12).filter(|code| transient(*code)).collect();
        assert_eq!(codes, [5, 6, 10, 11]);
    }
}
