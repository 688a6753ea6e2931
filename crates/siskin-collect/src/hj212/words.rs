//! What people read about loggers, in both languages.

use siskin_model::Text;

/// How much of an MN from outside is repeated.
const MN_CHARS_MAX: usize = 40;
/// A logger says what it is, to be given an MN (second-hand: HJ 212-2025).
const ENTRY: u16 = 1001;
/// It is given one.
const MN_GIVEN: u16 = 1002;
/// A new key of SM4.
const NEW_KEY: u16 = 1014;

pub(super) fn silent(silence_s: u64) -> Text {
    Text::new(
        format!("数采仪 {silence_s} s 内没有发送任何数据，连接已断开；请检查数采仪和线路"),
        format!(
            "the logger sent nothing for {silence_s} s, the connection was closed; \
             hint: check the logger and the line"
        ),
    )
}

pub(super) fn gone(cause: &Text) -> Text {
    Text::new(
        format!("数采仪已断开（{}）；请检查数采仪和线路", cause.zh),
        format!("the logger is gone: {}; hint: check the logger and the line", cause.en),
    )
}

pub(super) fn ended() -> Text {
    Text::new("对方已关闭连接", "it closed the connection")
}

pub(super) fn babble(bytes: usize) -> Text {
    Text::new(
        format!(
            "数采仪发送了 {bytes} 字节而没有一帧完整报文，连接已断开；请检查其是否使用 HJ 212 协议"
        ),
        format!(
            "the logger sent {bytes} bytes without one frame, the connection was closed; \
             hint: check that it speaks HJ 212"
        ),
    )
}

pub(super) fn not_stored() -> Text {
    Text::new(
        "读数未能存盘，已断开连接，数采仪将重发；请检查本机磁盘",
        "readings were not stored, the connection was closed so that the logger sends them again; \
         hint: check this machine's disk",
    )
}

pub(super) fn replaced() -> Text {
    Text::new(
        "同一 MN 建立了新连接，旧连接已断开；若反复出现，请检查是否有两台数采仪使用同一 MN",
        "a newer connection with the same MN took its place; \
         hint: if this repeats, look for two loggers with one MN",
    )
}

pub(super) fn wrong_password() -> Text {
    Text::new(
        "数采仪的密码（PW）不符，数据未采用；请核对站点文件中的 password",
        "the logger's password (PW) is wrong, nothing was taken; \
         hint: compare `password` in the site's files",
    )
}

/// Said of content in the open where encryption was agreed. It is taken all the same: a reading
/// that is thrown away may be the one that warns.
pub(super) fn not_encrypted() -> Text {
    Text::new(
        "站点约定该数采仪加密（sm4），但其内容未加密，数据仍予采用；请在数采仪上开启加密，或去掉 sm4",
        "the content is not encrypted though `sm4` says so, it was taken all the same; \
         hint: switch encryption on at the logger, or take `sm4` out",
    )
}

/// What a logger of HJ 212-2025 may send whose form is not known here; none: anything else.
pub(super) fn not_spoken(cn: u16) -> Option<Text> {
    match cn {
        ENTRY | MN_GIVEN => Some(Text::new(
            format!(
                "数采仪发送了入网命令 {cn}（HJ 212-2025），本系统不支持，未应答；请在数采仪上手工设置 MN"
            ),
            format!(
                "the logger sent {cn}, network entry of HJ 212-2025, which is not spoken and not \
                 answered; hint: enter its MN by hand at the logger"
            ),
        )),
        NEW_KEY => Some(Text::new(
            format!(
                "数采仪发送了更换密钥命令 {cn}（HJ 212-2025），本系统不支持，密钥未变；请在两端手工更换密钥"
            ),
            format!(
                "the logger sent {cn}, key change of HJ 212-2025, which is not spoken, the key \
                 stays; hint: change it by hand at the logger and here"
            ),
        )),
        _ => None,
    }
}

pub(super) fn unknown_mn(mn: &str) -> Text {
    let mn: String = mn.chars().take(MN_CHARS_MAX).collect();
    Text::new(
        format!("有一台 MN 为“{mn}”的数采仪连入，站点中没有该 MN，数据未采用；请核对 mn"),
        format!(
            "a logger with the MN `{mn}` called, which the site does not have, nothing was taken; \
             hint: compare `mn`"
        ),
    )
}

pub(super) fn cannot_listen(address: &str, cause: &Text) -> Text {
    Text::new(
        format!("无法监听 {address}（{}）；请检查 [hj212] 的 listen", cause.zh),
        format!("cannot listen on {address}: {}; hint: check `listen` of [hj212]", cause.en),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::check_text;

    #[test]
    fn every_text_is_there_in_both_languages() {
        let cause = ended();
        for text in [
            silent(300),
            gone(&cause),
            babble(65_536),
            not_stored(),
            replaced(),
            wrong_password(),
            not_encrypted(),
            not_spoken(ENTRY).unwrap(),
            not_spoken(MN_GIVEN).unwrap(),
            not_spoken(NEW_KEY).unwrap(),
            unknown_mn("A110000_0001"),
            cannot_listen("0.0.0.0:9020", &cause),
        ] {
            check_text(&text);
        }
        assert_eq!([2011, 1012, 1013].map(not_spoken), [None, None, None]);
    }
}
