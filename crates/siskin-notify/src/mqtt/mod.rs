//! Messages to a broker: Siskin's own JSON, QoS 1, not retained, a line for each.
//!
//! Accepted is the PUBACK of this very message. It says that the broker has it, not that anybody
//! listens. A line that breaks before it is a failure; the library must never send again by itself,
//! for every try stands in the book.

use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectReturnCode, ConnectionError, Event, EventLoop, MqttOptions, Outgoing,
    Packet, QoS, TlsConfiguration, Transport,
};
use siskin_model::notify::Mqtt;

use crate::way::{Letter, Outcome, Preview, Shared, later, never};
use crate::{files, gateway, http, webhook};

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long the broker may take to take leave.
const LEAVE_PATIENCE: Duration = Duration::from_secs(1);
/// The largest message.
const BYTES_MAX: usize = 256 << 10;
/// Requests between us and the library: the message and the leave.
const REQUESTS_MAX: usize = 4;

/// Publishes a letter once, and waits for the broker's word.
pub(crate) async fn send(settings: &Shared, mqtt: &Mqtt, letter: &Letter) -> Outcome {
    let (topic, payload) = match (topic(mqtt, letter), payload(settings, letter)) {
        (Ok(topic), Some(payload)) => (topic, payload),
        (Err(why), _) => return never(&why),
        (_, None) => return never(&format!("the message is larger than {BYTES_MAX} bytes")),
    };
    // A file that cannot be read now may be there later: the disk is not the broker.
    let options = match options(settings, mqtt, letter) {
        Ok(options) => options,
        Err(why) => return later(&why),
    };
    let (requests, mut events) = AsyncClient::new(options, REQUESTS_MAX);
    if let Err(why) = requests.try_publish(topic, QoS::AtLeastOnce, false, payload) {
        return never(&why);
    }
    let Ok(outcome) = tokio::time::timeout(PATIENCE, answered(&mut events)).await else {
        return later(&format!("no PUBACK within {} s", PATIENCE.as_secs()));
    };
    if matches!(outcome, Outcome::Accepted(_)) && requests.try_disconnect().is_ok() {
        // The receipt does not depend on it.
        let _left = tokio::time::timeout(LEAVE_PATIENCE, left(&mut events)).await;
    }
    outcome
}

/// The first that is said of the message, or of the line. Ends with the first line.
async fn answered(events: &mut EventLoop) -> Outcome {
    let mut sent = None;
    loop {
        match events.poll().await {
            Ok(Event::Outgoing(Outgoing::Publish(id))) => sent = Some(id),
            Ok(Event::Incoming(Packet::PubAck(ack))) if Some(ack.pkid) == sent => {
                return Outcome::Accepted("PUBACK".to_owned());
            }
            Ok(_) => {}
            Err(ConnectionError::ConnectionRefused(
                code @ (ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized),
            )) => return never(&format!("the broker refuses: {code:?}")),
            Err(why) => return later(&why),
        }
    }
}

async fn left(events: &mut EventLoop) {
    while let Ok(event) = events.poll().await {
        if event == Event::Outgoing(Outgoing::Disconnect) {
            return;
        }
    }
}

/// What would be published.
pub(crate) fn preview(settings: &Shared, mqtt: &Mqtt, letter: &Letter) -> Result<Preview, String> {
    check(settings, mqtt)?;
    let to = format!("mqtt {}:{} {}", mqtt.host, mqtt.port, topic(mqtt, letter)?);
    let payload = payload(settings, letter).ok_or("the message is too large")?;
    let body = String::from_utf8_lossy(&payload).into_owned();
    Ok(Preview { to, headers: vec!["qos: 1, not retained".to_owned()], body })
}

/// Whether certificates and password can be used; asks nobody.
pub(crate) fn check(settings: &Shared, mqtt: &Mqtt) -> Result<(), String> {
    transport(settings, mqtt)?;
    password(settings, mqtt).map(drop)
}

fn options(settings: &Shared, mqtt: &Mqtt, letter: &Letter) -> Result<MqttOptions, String> {
    // One line for each recipient: a broker ends an older one of the same name.
    let id = format!("siskin-{}-{}", letter.message.site, letter.delivery.recipient);
    let mut options = MqttOptions::new(id, &mqtt.host, mqtt.port);
    options.set_clean_session(true);
    options.set_max_packet_size(BYTES_MAX, BYTES_MAX);
    options.set_transport(transport(settings, mqtt)?);
    if let Some((user, password)) = password(settings, mqtt)? {
        options.set_credentials(user, password);
    }
    Ok(options)
}

fn transport(settings: &Shared, mqtt: &Mqtt) -> Result<Transport, String> {
    if mqtt.tls.ca_file.is_none() {
        return Ok(Transport::tcp());
    }
    let trusted = http::trusted(&mqtt.tls, &settings.folder).map_err(|why| why.to_string())?;
    Ok(Transport::tls_with_config(TlsConfiguration::Rustls(trusted)))
}

fn password(settings: &Shared, mqtt: &Mqtt) -> Result<Option<(String, String)>, String> {
    let Some((user, file)) = &mqtt.login else { return Ok(None) };
    let password = files::secret(&settings.folder, &file.file).map_err(|why| why.to_string())?;
    Ok(Some((user.clone(), password)))
}

fn topic(mqtt: &Mqtt, letter: &Letter) -> Result<String, String> {
    let values = gateway::values(letter);
    let topic = mqtt.topic.fill(|name| values.get(name).cloned());
    topic.map_err(|name| format!("`{{{name}}}` is nothing that is known"))
}

/// None where it is larger than a broker is asked to take.
fn payload(settings: &Shared, letter: &Letter) -> Option<Vec<u8>> {
    let (message, languages) = (&letter.message, &settings.recipient.languages);
    let body = webhook::own(message, letter.delivery.kind, &letter.key(), languages);
    let body = body.to_string().into_bytes();
    // A little less, for the topic and the head of the packet.
    (body.len() < BYTES_MAX - 4096).then_some(body)
}
