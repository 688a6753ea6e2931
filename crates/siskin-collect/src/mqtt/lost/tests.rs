//! Every loss is said in both languages, with what to do.

use super::*;
use crate::words::check_text;

fn check(cause: &Cause, zh: &str, en: &str, hint: &str) {
    let text = lost_text("mqtt:1883", cause);
    let want = format!("无法连接 MQTT 服务器 mqtt:1883（{zh}）；");
    assert!(text.zh.starts_with(&want), "{text:?}");
    let want = format!("no connection to the broker mqtt:1883: {en}");
    let (told, hinted) = text.en.split_once("; hint: ").unwrap();
    assert!(told.starts_with(&want) && hinted.contains(hint), "{text:?}");
    check_text(&text);
}

fn tls(error: rustls::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[test]
fn of_mqtt_3_1_1() {
    use ConnectReturnCode as Code;
    let refused = |code: Code, why: &str| {
        let cause = Cause::of_v311(&ConnectionError::ConnectionRefused(code));
        let en = format!("it refuses the login ({code:?})");
        check(&cause, &format!("服务器拒绝登录：{why}"), &en, "`password`");
    };
    refused(Code::RefusedProtocolVersion, "协议版本不支持");
    refused(Code::BadClientId, "客户端标识不被接受");
    refused(Code::ServiceUnavailable, "服务不可用");
    refused(Code::BadUserNamePassword, "用户名或密码错误");
    refused(Code::NotAuthorized, "未授权");
    let line = |error: &ConnectionError, zh: &str, en: &str| {
        check(&Cause::of_v311(error), zh, en, "address and port");
    };
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    let state = ConnectionError::MqttState;
    line(&ConnectionError::Io(reset()), "连接被对方重置", "connection reset");
    line(&state(StateError::Io(reset())), "连接被对方重置", "connection reset");
    line(&ConnectionError::Tls(TlsError::Io(reset())), "连接被对方重置", "connection reset");
    line(&state(StateError::ConnectionAborted), "对方已关闭连接", "Mqtt state");
    line(&state(StateError::AwaitPingResp), "对方没有心跳应答", "Mqtt state");
    line(&ConnectionError::NetworkTimeout, "连接超时", "Network timeout");
    line(&ConnectionError::FlushTimeout, "连接超时", "Flush timeout");
    line(&ConnectionError::RequestsDone, "Requests done", "Requests done");
}

#[test]
fn of_mqtt_5() {
    let refused = |code: Code5, why: &str| {
        let cause = Cause::of_v5(&Error5::ConnectionRefused(code));
        let en = format!("it refuses the login ({code:?})");
        check(&cause, &format!("服务器拒绝登录：{why}"), &en, "`password`");
    };
    refused(Code5::BadUserNamePassword, "用户名或密码错误");
    refused(Code5::NotAuthorized, "未授权");
    refused(Code5::ServerBusy, "服务器忙");
    refused(Code5::UseAnotherServer, "UseAnotherServer");
    let aborted = Error5::MqttState(State5::ConnectionAborted);
    check(&Cause::of_v5(&aborted), "对方已关闭连接", "Mqtt state", "address");
    let reset = io::Error::from(io::ErrorKind::ConnectionReset);
    check(&Cause::of_v5(&Error5::Io(reset)), "连接被对方重置", "connection reset", "address");
}

#[test]
fn of_certificates() {
    use rustls::Error::{AlertReceived, InvalidCertificate};
    let trust = |error: rustls::Error, zh: &str, en: &str| {
        let in_v311 = Cause::of_v311(&ConnectionError::Tls(TlsError::Io(tls(error.clone()))));
        check(&in_v311, zh, en, "`tls` of [mqtt]");
        assert_eq!(in_v311, Cause::of_v5(&Error5::Tls(TlsError::Io(tls(error)))));
    };
    let certificate = InvalidCertificate(CertificateError::UnknownIssuer);
    trust(certificate, "服务器证书不是由 ca_file 中的机构签发", "invalid peer certificate");
    let certificate = InvalidCertificate(CertificateError::BadSignature);
    trust(certificate, "服务器证书不是由 ca_file 中的机构签发", "invalid peer certificate");
    let certificate = InvalidCertificate(CertificateError::NotValidForName);
    trust(certificate, "服务器证书中没有所填的主机名", "invalid peer certificate");
    let certificate = InvalidCertificate(CertificateError::Expired);
    trust(certificate, "服务器证书已过期", "invalid peer certificate");
    let alert = AlertReceived(rustls::AlertDescription::CertificateRequired);
    trust(alert, "服务器拒绝了本机的证书或协议", "received fatal alert");
}
