//! What people read when the broker cannot be reached, in both languages.

use rumqttc::{ConnectReturnCode, ConnectionError, StateError};
use siskin_model::Text;

use crate::words::io_text;

/// Why there is no connection to `broker`. Never without the library's own words where we have
/// none.
pub(super) fn lost_text(broker: &str, error: &ConnectionError) -> Text {
    let cause = cause_zh(error);
    Text::new(
        format!("无法连接 MQTT 服务器 {broker}（{cause}）；请检查其是否运行以及登录信息"),
        format!(
            "no connection to the broker {broker}: {error}; hint: check that it runs and its login"
        ),
    )
}

fn cause_zh(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)) => {
            io_text(error).zh
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => "对方已关闭连接".to_owned(),
        ConnectionError::MqttState(StateError::AwaitPingResp) => "对方没有心跳应答".to_owned(),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => "连接超时".to_owned(),
        ConnectionError::ConnectionRefused(code) => {
            format!("服务器拒绝登录：{}", refused_zh(*code))
        }
        other => other.to_string(),
    }
}

/// Return codes of MQTT 3.1.1, table 3.1.
const fn refused_zh(code: ConnectReturnCode) -> &'static str {
    match code {
        ConnectReturnCode::Success => "返回码 0",
        ConnectReturnCode::RefusedProtocolVersion => "协议版本不支持",
        ConnectReturnCode::BadClientId => "客户端标识不被接受",
        ConnectReturnCode::ServiceUnavailable => "服务不可用",
        ConnectReturnCode::BadUserNamePassword => "用户名或密码错误",
        ConnectReturnCode::NotAuthorized => "未授权",
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::words::check_text;

    fn check(error: &ConnectionError, cause_zh: &str) {
        let text = lost_text("mqtt:1883", error);
        let want = format!("无法连接 MQTT 服务器 mqtt:1883（{cause_zh}）");
        assert!(text.zh.starts_with(&want), "{text:?}");
        let want = format!("no connection to the broker mqtt:1883: {error}; hint: ");
        assert!(text.en.starts_with(&want), "{text:?}");
        check_text(&text);
    }

    #[test]
    fn every_loss_of_the_broker_is_said_in_both_languages() {
        use ConnectReturnCode as Code;
        let refused = |code, why: &str| {
            check(&ConnectionError::ConnectionRefused(code), &format!("服务器拒绝登录：{why}"));
        };
        refused(Code::RefusedProtocolVersion, "协议版本不支持");
        refused(Code::BadClientId, "客户端标识不被接受");
        refused(Code::ServiceUnavailable, "服务不可用");
        refused(Code::BadUserNamePassword, "用户名或密码错误");
        refused(Code::NotAuthorized, "未授权");
        let io = || io::Error::from(io::ErrorKind::ConnectionReset);
        check(&ConnectionError::Io(io()), "连接被对方重置");
        check(&ConnectionError::MqttState(StateError::Io(io())), "连接被对方重置");
        check(&ConnectionError::MqttState(StateError::ConnectionAborted), "对方已关闭连接");
        check(&ConnectionError::MqttState(StateError::AwaitPingResp), "对方没有心跳应答");
        check(&ConnectionError::NetworkTimeout, "连接超时");
        check(&ConnectionError::FlushTimeout, "连接超时");
        check(&ConnectionError::RequestsDone, "Requests done");
    }
}
