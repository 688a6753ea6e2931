//! Mail by SMTP: one line for each message, the same message always under the same `Message-ID`.
//!
//! Accepted is what the server answers 250 to after the whole message; its answer is kept. A mail
//! server that took a message and lost its answer is given it again: what people see twice has one
//! `Message-ID`. Must never speak without TLS to another machine, nor give a password before it.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Identity, TlsParameters};
use lettre::transport::smtp::{Error, response::Response};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use siskin_model::notify::{Language, Mail, MailEncryption, Tls};

use crate::files;
use crate::texts;
use crate::way::{Letter, Outcome, Preview, Shared, later, never};
use crate::webhook::shown;

/// How long a line may take to open.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);
/// How long all of it may take; servers that look into mails are slow.
const PATIENCE: Duration = Duration::from_secs(30);

type Line = AsyncSmtpTransport<Tokio1Executor>;

/// Sends a letter once, and waits for the server's word.
pub(crate) async fn send(settings: &Shared, mail: &Mail, letter: &Letter) -> Outcome {
    let message = match message(mail, letter, &settings.recipient.languages) {
        Ok(message) => message,
        Err(why) => return never(&why),
    };
    // A file that cannot be read now may be there later: the disk is not the server.
    let line = match line(mail, &settings.folder) {
        Ok(line) => line,
        Err(why) => return later(&why),
    };
    match tokio::time::timeout(PATIENCE, line.send_raw(message.envelope(), &message.formatted()))
        .await
    {
        Ok(Ok(answer)) => taken(&answer),
        Ok(Err(why)) => refused(&why),
        Err(_) => later(&format!("the mail server took more than {} s", PATIENCE.as_secs())),
    }
}

/// What would be sent.
pub(crate) fn preview(settings: &Shared, mail: &Mail, letter: &Letter) -> Result<Preview, String> {
    check(settings, mail)?;
    let languages = &settings.recipient.languages;
    let headers = vec![
        format!("from: {}", mail.from),
        format!("subject: {}", subject(letter, languages)),
        format!("message-id: {}", id_of(&letter.key(), &mail.from)),
    ];
    let to = format!("{} ({}:{})", mail.to.join(", "), mail.host, mail.port);
    let body = texts::whole(&letter.message, letter.delivery.kind, languages);
    Ok(Preview { to, headers, body })
}

/// Whether addresses, certificates and password can be used; asks nobody.
pub(crate) fn check(settings: &Shared, mail: &Mail) -> Result<(), String> {
    envelope(mail)?;
    line(mail, &settings.folder).map(drop)
}

fn taken(answer: &Response) -> Outcome {
    let text = answer.message().collect::<Vec<_>>().join(" ");
    let text = shown(format!("{} {text}", answer.code()).as_bytes());
    // Some other 2xx promises nothing about the message.
    if answer.has_code(250) { Outcome::Accepted(text) } else { later(&text) }
}

/// 5xx is the server's last word; all else may pass, greylisting (4xx) by design.
fn refused(why: &Error) -> Outcome {
    let text = std::error::Error::source(why)
        .map_or_else(|| why.to_string(), |source| format!("{why}: {source}"));
    let text = shown(text.as_bytes());
    if why.is_permanent() { never(&text) } else { later(&text) }
}

fn line(mail: &Mail, folder: &Path) -> Result<Line, String> {
    let tls = match mail.encryption {
        MailEncryption::None => client::Tls::None,
        MailEncryption::StartTls => client::Tls::Required(trust(mail, folder)?),
        MailEncryption::Tls => client::Tls::Wrapper(trust(mail, folder)?),
    };
    let line = Line::builder_dangerous(mail.host.as_str());
    let line = line.port(mail.port).tls(tls).timeout(Some(CONNECT_PATIENCE));
    let Some((user, password)) = &mail.login else { return Ok(line.build()) };
    let password = files::secret(folder, &password.file).map_err(|why| why.to_string())?;
    Ok(line.credentials(Credentials::new(user.clone(), password)).build())
}

/// The named authority and nobody else.
fn trust(mail: &Mail, folder: &Path) -> Result<TlsParameters, String> {
    crate::http::check_trust(&mail.tls, folder).map_err(|why| why.to_string())?;
    let Tls { ca_file, identity } = &mail.tls;
    let read = |file: &String| {
        std::fs::read(folder.join(file)).map_err(|why| format!("cannot read `{file}`: {why}"))
    };
    let said = |why: Error| why.to_string();
    let authority = read(ca_file.as_ref().ok_or("no `ca_file`")?)?;
    let mut tls = TlsParameters::builder(mail.host.clone())
        .certificate_store(CertificateStore::None)
        .add_root_certificate(Certificate::from_pem(&authority).map_err(said)?);
    if let Some((certificate, key)) = identity {
        let identity = Identity::from_pem(&read(certificate)?, &read(key)?).map_err(said)?;
        tls = tls.identify_with(identity);
    }
    tls.build_rustls().map_err(said)
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    text.parse().map_err(|why| format!("`{text}` is no mail address: {why}"))
}

fn envelope(mail: &Mail) -> Result<Envelope, String> {
    let to = mail.to.iter().map(|text| mailbox(text).map(|one| one.email));
    let to = to.collect::<Result<Vec<_>, _>>()?;
    Envelope::new(Some(mailbox(&mail.from)?.email), to).map_err(|why| why.to_string())
}

fn subject(letter: &Letter, languages: &[Language]) -> String {
    let kind = letter.delivery.kind;
    let one = |language: &Language| texts::headline(&letter.message, kind, *language);
    languages.iter().map(one).collect::<Vec<_>>().join(" / ")
}

/// `<key@domain>`.
fn id_of(key: &str, from: &str) -> String {
    let domain = from.rsplit_once('@').map_or("siskin", |(_, domain)| domain);
    format!("<{key}@{}>", domain.trim_end_matches('>'))
}

/// The same letter is always the same message: its date is that of the message, not of the try.
fn message(mail: &Mail, letter: &Letter, languages: &[Language]) -> Result<Message, String> {
    let made_ms = u64::try_from(letter.message.made_at.as_millis()).unwrap_or(0);
    let mut builder = Message::builder()
        .envelope(envelope(mail)?)
        .from(mailbox(&mail.from)?)
        .date(UNIX_EPOCH + Duration::from_millis(made_ms))
        .message_id(Some(id_of(&letter.key(), &mail.from)))
        .subject(subject(letter, languages));
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    // The mails of one warning show as one thread.
    let ids = letter.references.iter().map(|one| id_of(&one.identifier, &mail.from));
    let ids: Vec<_> = ids.collect();
    if let Some(last) = ids.last() {
        builder = builder.in_reply_to(last.clone()).references(ids.join(" "));
    }
    let body = texts::whole(&letter.message, letter.delivery.kind, languages);
    let mut message = builder.singlepart(SinglePart::plain(body)).map_err(|why| why.to_string())?;
    // Nobody's automatic answer is to come back (RFC 3834).
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    message.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
    Ok(message)
}

#[cfg(test)]
pub(crate) mod tests;
