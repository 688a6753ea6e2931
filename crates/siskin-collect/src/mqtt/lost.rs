//! What people read when the broker cannot be reached, in both languages.

use std::io;

use rumqttc::v5::mqttbytes::v5::ConnectReturnCode as Code5;
use rumqttc::v5::{ConnectionError as Error5, StateError as State5};
use rumqttc::{ConnectReturnCode, ConnectionError, StateError, TlsError};
use rustls::CertificateError;
use siskin_model::Text;

use crate::words::{Words, io_text};

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The network, the broker's own state or its words about it.
    Line(Text),
    /// The broker does not let us in.
    Login(Text),
    /// One side does not trust the other's certificate.
    Trust(Text),
    /// A whole sentence with its hint.
    Told(Text),
}

/// Why there is no connection to `broker`. Never without the library's own words where we have
/// none.
pub(crate) fn lost_text(broker: &str, cause: &Cause) -> Text {
    let (cause, hint) = match cause {
        Cause::Told(text) => return text.clone(),
        Cause::Line(cause) => (cause, LINE),
        Cause::Login(cause) => (cause, LOGIN),
        Cause::Trust(cause) => (cause, TRUST),
    };
    let (zh, en) = (&cause.zh, &cause.en);
    Text::new(
        format!("无法连接 MQTT 服务器 {broker}（{zh}）；{}", hint.zh),
        format!("no connection to the broker {broker}: {en}; hint: {}", hint.en),
    )
}

const LINE: Words = Words {
    zh: "请检查其是否运行以及地址和端口",
    en: "check that it runs, its address and port",
};
const LOGIN: Words = Words {
    zh: "请检查 [mqtt] 的 user、password 和 client_id，以及服务器的用户表",
    en: "check `user`, `password` and `client_id` of [mqtt] and the broker's users",
};
const TRUST: Words = Words {
    zh: "请检查 [mqtt] 的 tls 文件、服务器证书中的名称和双方的时钟",
    en: "check `tls` of [mqtt], the names in the broker's certificate and both clocks",
};

impl Cause {
    /// What the library says for MQTT 3.1.1.
    pub(super) fn of_v311(error: &ConnectionError) -> Self {
        let zh = match error {
            ConnectionError::Io(error)
            | ConnectionError::MqttState(StateError::Io(error))
            | ConnectionError::Tls(TlsError::Io(error)) => return Self::of_io(error),
            ConnectionError::Tls(error) => return Self::Trust(plain(error)),
            ConnectionError::ConnectionRefused(code) => {
                return Self::refused(refused_zh(*code), &format!("{code:?}"));
            }
            ConnectionError::MqttState(StateError::ConnectionAborted) => ABORTED_ZH,
            ConnectionError::MqttState(StateError::AwaitPingResp) => NO_PING_ZH,
            ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => TIMEOUT_ZH,
            other => return Self::Line(plain(other)),
        };
        Self::Line(Text::new(zh, error.to_string()))
    }

    /// What the library says for MQTT 5.
    pub(super) fn of_v5(error: &Error5) -> Self {
        let zh = match error {
            Error5::Io(error)
            | Error5::MqttState(State5::Io(error))
            | Error5::Tls(TlsError::Io(error)) => return Self::of_io(error),
            Error5::Tls(error) => return Self::Trust(plain(error)),
            Error5::ConnectionRefused(code)
            | Error5::MqttState(State5::ConnFail { reason: code }) => return Self::refused5(*code),
            Error5::MqttState(State5::ServerDisconnect { reason_code, .. }) => {
                let zh = format!("服务器断开了连接：{reason_code:?}");
                return Self::Line(Text::new(zh, error.to_string()));
            }
            Error5::MqttState(State5::ConnectionAborted) => ABORTED_ZH,
            Error5::MqttState(State5::AwaitPingResp) => NO_PING_ZH,
            Error5::Timeout(_) => TIMEOUT_ZH,
            other => return Self::Line(plain(other)),
        };
        Self::Line(Text::new(zh, error.to_string()))
    }

    fn of_io(error: &io::Error) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        let Some(inner) = inner else {
            return Self::Line(io_text(error));
        };
        Self::Trust(Text::new(tls_zh(inner), inner.to_string()))
    }

    fn refused5(code: Code5) -> Self {
        let zh = match code {
            Code5::BadUserNamePassword => "用户名或密码错误",
            Code5::NotAuthorized => "未授权",
            Code5::ClientIdentifierNotValid | Code5::BadClientId => "客户端标识不被接受",
            Code5::UnsupportedProtocolVersion | Code5::RefusedProtocolVersion => "协议版本不支持",
            Code5::ServerUnavailable | Code5::ServiceUnavailable => "服务不可用",
            Code5::ServerBusy => "服务器忙",
            Code5::Banned => "客户端已被禁止",
            Code5::QuotaExceeded | Code5::ConnectionRateExceeded => "超过配额",
            other => return Self::refused(&format!("{other:?}"), &format!("{other:?}")),
        };
        Self::refused(zh, &format!("{code:?}"))
    }

    fn refused(zh: &str, code: &str) -> Self {
        Self::Login(Text::new(
            format!("服务器拒绝登录：{zh}"),
            format!("it refuses the login ({code})"),
        ))
    }
}

const ABORTED_ZH: &str = "对方已关闭连接";
const NO_PING_ZH: &str = "对方没有心跳应答";
const TIMEOUT_ZH: &str = "连接超时";

fn plain(error: &dyn std::error::Error) -> Text {
    Text::new(error.to_string(), error.to_string())
}

fn tls_zh(error: &rustls::Error) -> String {
    let known = match error {
        // An authority that was made again has the old name and another key: a bad signature.
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => "服务器证书不是由 ca_file 中的机构签发",
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "服务器证书中没有所填的主机名",
        rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        ) => "服务器证书已过期",
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        ) => "服务器证书尚未生效",
        rustls::Error::AlertReceived(_) => "服务器拒绝了本机的证书或协议",
        rustls::Error::InvalidMessage(_) => "对方不是 TLS 端口",
        _ => return error.to_string(),
    };
    known.to_owned()
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
mod tests;
