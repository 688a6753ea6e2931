//! One way to one recipient: makes the form of a message, sends it, and judges the answer.

use std::path::PathBuf;

use siskin_model::Timestamp;
use siskin_model::notify::{
    CapProfile, Delivery, Gateway, Message, MessageKind, Notify, Recipient, Robot, Secret, Tls, Way,
};

use crate::cap::{self, CapInput, Reference};
use crate::http::{Address, Client, Post, check_trust};
use crate::webhook::{self, KEY_HEADER};
use crate::{files, gateway, mail, mqtt, proof, siren};

/// A message for one recipient, ready to be put into any form.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Where it stands.
    pub delivery: Delivery,
    /// What is said.
    pub message: Message,
    /// The earlier messages of the warning to this recipient, in order.
    pub references: Vec<Reference>,
    /// Whether another warning keeps on what all of them share. Known only where the letter may end
    /// it: see [`Sender::is_quiet`].
    pub others_open: bool,
}

impl Letter {
    /// The key under which it is taken once.
    pub fn key(&self) -> String {
        self.message.key(&self.delivery.recipient)
    }
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it; its answer.
    Accepted(String),
    /// It has not, as far as is known.
    Failed {
        /// Whether trying again may help.
        can_pass: bool,
        /// Why.
        why: String,
    },
}

/// What a way would send, for people to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Where to; a secret address is not shown.
    pub to: String,
    /// Headers, without signatures.
    pub headers: Vec<String>,
    /// The body.
    pub body: String,
}

/// A way that is ready to be used. Its line stays open between messages.
#[derive(Debug)]
pub struct Sender {
    settings: Shared,
    way: Way,
    client: Option<Client>,
}

/// What all ways of a recipient need.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The site's settings.
    pub notify: std::sync::Arc<Notify>,
    /// Whose way.
    pub recipient: Recipient,
    /// The site's folder: secrets, certificates and folders are named from here.
    pub folder: PathBuf,
}

impl Sender {
    /// A way of `recipient`; nothing is opened yet.
    pub fn new(settings: Shared, way: Way) -> Self {
        Self { settings, way, client: None }
    }

    /// Whether a warning of which this was told last is no reason for what warnings of the
    /// recipient share: a sound. False where this way shares nothing.
    pub fn is_quiet(&self, kind: MessageKind, message: &Message) -> bool {
        matches!(&self.way, Way::Siren(siren) if siren::is_quiet(siren, kind, message))
    }

    /// Sends a letter once, and waits for the answer.
    pub async fn send(&mut self, letter: &Letter, now: Timestamp) -> Outcome {
        if letter.delivery.kind == MessageKind::Correction && self.way.is_loud() {
            return never(&"not by this way: what changes only the past rouses nobody");
        }
        match self.way.clone() {
            Way::CapPush { url, tls, profile } => self.push(letter, &url, &tls, profile).await,
            Way::CapFiles { folder, profile } => self.write(letter, &folder, profile).await,
            Way::Webhook { url, url_file, secret, tls, robot } => {
                let address = (url.as_deref(), url_file.as_ref());
                self.hook(letter, address, secret.as_ref(), (&tls, robot, now)).await
            }
            Way::Mail(mail) => mail::send(&self.settings, &mail, letter).await,
            Way::Gateway(gateway) => self.gateway(letter, &gateway).await,
            Way::Siren(siren) => siren::send(&siren, letter).await,
            Way::Mqtt(mqtt) => mqtt::send(&self.settings, &mqtt, letter).await,
            Way::Loopback => proof::send(letter),
        }
    }

    /// What it would send. Secrets are read, so that a wrong one is found, and not shown.
    pub fn preview(&self, letter: &Letter, now: Timestamp) -> Result<Preview, String> {
        match &self.way {
            Way::CapPush { url, profile, .. } => {
                Address::of(url).map_err(|why| why.to_string())?;
                let body = self.cap(letter, *profile)?;
                let headers = vec![
                    format!("content-type: {}", cap::atom::CAP_TYPE),
                    format!("idempotency-key: {}", letter.key()),
                ];
                Ok(Preview { to: url.clone(), headers, body: readable(&body) })
            }
            Way::CapFiles { folder, profile } => {
                let body = self.cap(letter, *profile)?;
                let to = format!("{folder}/{}.xml", letter.key());
                Ok(Preview { to, headers: Vec::new(), body: readable(&body) })
            }
            Way::Webhook { url, url_file, secret, robot, .. } => {
                let (address, secret) =
                    self.hook_secrets((url.as_deref(), url_file.as_ref()), secret.as_ref())?;
                let post = self.hook_post(letter, (&address, secret.as_deref()), *robot, now);
                let to = url.clone().unwrap_or_else(|| format!("https://{}/…", address.host));
                let headers = post.headers.iter().map(|(name, _)| format!("{name}: …"));
                Ok(Preview { to, headers: headers.collect(), body: readable(&post.body) })
            }
            Way::Mail(mail) => mail::preview(&self.settings, mail, letter),
            Way::Gateway(gateway) => gateway::preview(&self.settings, gateway, letter),
            Way::Siren(siren) => Ok(siren::preview(siren, letter)),
            Way::Mqtt(mqtt) => mqtt::preview(&self.settings, mqtt, letter),
            Way::Loopback => Err("the self-proof shows nothing to people".to_owned()),
        }
    }

    /// Whether secrets, certificates and addresses can be used; asks nobody.
    pub fn check(&self) -> Result<(), String> {
        let (address, tls) = match &self.way {
            Way::CapFiles { .. } | Way::Siren(_) | Way::Loopback => return Ok(()),
            Way::Mail(mail) => return mail::check(&self.settings, mail),
            Way::Mqtt(mqtt) => return mqtt::check(&self.settings, mqtt),
            Way::Gateway(gateway) => (gateway::check(&self.settings, gateway)?, &gateway.tls),
            Way::CapPush { url, tls, .. } => {
                (Address::of(url).map_err(|why| why.to_string())?, tls)
            }
            Way::Webhook { url, url_file, secret, tls, .. } => {
                let address = (url.as_deref(), url_file.as_ref());
                (self.hook_secrets(address, secret.as_ref())?.0, tls)
            }
        };
        if address.is_tls {
            check_trust(tls, &self.settings.folder).map_err(|why| why.to_string())?;
        }
        Ok(())
    }

    fn cap(&self, letter: &Letter, profile: CapProfile) -> Result<Vec<u8>, String> {
        let notify = &self.settings.notify;
        let key = letter.key();
        let input = CapInput {
            message: &letter.message,
            kind: letter.delivery.kind,
            identifier: &key,
            sender: &notify.sender,
            national: notify.national.as_ref(),
            geocodes: &notify.geocodes,
            languages: &self.settings.recipient.languages,
            references: &letter.references,
        };
        cap::write(&input, profile).map_err(|why| why.to_string())
    }

    async fn push(
        &mut self,
        letter: &Letter,
        url: &str,
        tls: &Tls,
        profile: CapProfile,
    ) -> Outcome {
        let (address, body) = match (Address::of(url), self.cap(letter, profile)) {
            (Ok(address), Ok(body)) => (address, body),
            (Err(why), _) => return never(&why),
            (_, Err(why)) => return never(&why),
        };
        let path = address.path.clone();
        let headers = vec![(KEY_HEADER.into(), letter.key())];
        let post = Post { path, headers, body, ..Post::of(cap::atom::CAP_TYPE) };
        match self.post(address, tls, &post).await {
            Ok(answer) => {
                let text = webhook::shown(&answer.body);
                if let Some(outcome) = webhook::by_status(answer.status, &text) {
                    return outcome;
                }
                // A receiver may answer in CAP that it does not take it.
                if readable(&answer.body).contains("<msgType>Error</msgType>") {
                    return later(&format!("the answer says no: {text}"));
                }
                Outcome::Accepted(text)
            }
            Err(outcome) => outcome,
        }
    }

    async fn write(&self, letter: &Letter, folder: &str, profile: CapProfile) -> Outcome {
        let body = match self.cap(letter, profile) {
            Ok(body) => body,
            Err(why) => return never(&why),
        };
        let folder = self.settings.folder.join(folder);
        let key = letter.key();
        let write = move || files::write_whole(&folder, &key, &body);
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(())) => Outcome::Accepted("written".to_owned()),
            Ok(Err(why)) => later(&format!("cannot write the file: {why}")),
            Err(_) => later(&"the task that writes files failed"),
        }
    }

    async fn hook(
        &mut self,
        letter: &Letter,
        address: (Option<&str>, Option<&Secret>),
        secret: Option<&Secret>,
        (tls, robot, now): (&Tls, Robot, Timestamp),
    ) -> Outcome {
        // A secret that cannot be read now may be there later: the disk is not the receiver.
        let (address, secret) = match self.hook_secrets(address, secret) {
            Ok(read) => read,
            Err(why) => return later(&why),
        };
        let post = self.hook_post(letter, (&address, secret.as_deref()), robot, now);
        match self.post(address, tls, &post).await {
            Ok(answer) => webhook::judged(robot, &answer, &letter.key()),
            Err(outcome) => outcome,
        }
    }

    async fn gateway(&mut self, letter: &Letter, gateway: &Gateway) -> Outcome {
        let (address, post) = match gateway::request(&self.settings, gateway, letter) {
            Ok(request) => request,
            Err(why) => return later(&why),
        };
        match self.post(address, &gateway.tls, &post).await {
            Ok(answer) => gateway::judged(gateway, &answer),
            Err(outcome) => outcome,
        }
    }

    fn hook_secrets(
        &self,
        (url, url_file): (Option<&str>, Option<&Secret>),
        secret: Option<&Secret>,
    ) -> Result<(Address, Option<String>), String> {
        let read = |one: &Secret| {
            files::secret(&self.settings.folder, &one.file).map_err(|why| why.to_string())
        };
        let url = match (url, url_file) {
            (Some(url), _) => url.to_owned(),
            (None, Some(file)) => read(file)?,
            (None, None) => String::new(),
        };
        let address = Address::of(&url).map_err(|why| why.to_string())?;
        Ok((address, secret.map(read).transpose()?))
    }

    fn hook_post(
        &self,
        letter: &Letter,
        (address, secret): (&Address, Option<&str>),
        robot: Robot,
        now: Timestamp,
    ) -> Post {
        let key = letter.key();
        let what = (&letter.message, letter.delivery.kind, key.as_str());
        let languages = &self.settings.recipient.languages;
        webhook::post(robot, what, languages, (&address.path, secret, now))
    }

    async fn post(
        &mut self,
        address: Address,
        tls: &Tls,
        post: &Post,
    ) -> Result<crate::http::Answer, Outcome> {
        let kept = self.client.take().filter(|client| *client.address() == address);
        let folder = self.settings.folder.clone();
        let client = kept.unwrap_or_else(|| Client::new(address, tls.clone(), folder));
        let answer = self.client.insert(client).post(post).await;
        answer.map_err(|why| later(&why))
    }
}

fn readable(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

pub(crate) fn later(why: &impl ToString) -> Outcome {
    Outcome::Failed { can_pass: true, why: why.to_string() }
}

pub(crate) fn never(why: &impl ToString) -> Outcome {
    Outcome::Failed { can_pass: false, why: why.to_string() }
}
