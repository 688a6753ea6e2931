//! `siskin notify test SITE RECIPIENT`: can this recipient be reached, and what would they read?
//!
//! What is sent is marked as a test in every form. Opens no store and touches no station that runs;
//! must never send anything with `--dry-run`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use clap::{Args, Subcommand};
use siskin_config::Settings;
use siskin_model::notify::{Delivery, DeliveryState, MessageKind, Recipient, Show};
use siskin_model::{
    Tier, Timestamp, Warning, WarningChange, WarningEvent, WarningId, WarningState,
};
use siskin_notify::way::Shared;
use siskin_notify::{Letter, Outcome, Sender};

use crate::cli::{EXIT_BAD_SITE, EXIT_FAILED, say};
use crate::files;
use crate::run::runtime;
use crate::station::notify::snapshot::{self, Known};

/// What to do with messages.
#[derive(Debug, Subcommand)]
pub(crate) enum NotifyCommand {
    /// Send a message that is marked as a test by every way of a recipient. (测试通知)
    Test(NotifyTestArgs),
}

/// Arguments of `siskin notify test`.
#[derive(Debug, Args)]
pub(crate) struct NotifyTestArgs {
    /// The site's folder.
    site: PathBuf,
    /// The recipient's id, as in recipients.toml.
    recipient: String,
    /// Print what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Gas catalogue and device profiles; without it those inside the program are used.
    #[arg(long, value_name = "DIR")]
    firmware_configs: Option<PathBuf>,
}

/// Runs it.
pub(crate) fn notify(command: &NotifyCommand) -> anyhow::Result<ExitCode> {
    let NotifyCommand::Test(args) = command;
    let inputs = files::site(&args.site, args.firmware_configs.as_deref())?;
    let settings = match siskin_config::load(&inputs) {
        Ok(settings) => settings,
        Err(report) => {
            say(&report.render());
            return Ok(ExitCode::from(EXIT_BAD_SITE));
        }
    };
    let Some(recipient) = settings.notify.recipient(&args.recipient) else {
        let known: Vec<_> = settings.notify.recipients.iter().map(|one| one.id.as_str()).collect();
        anyhow::bail!(
            "there is no recipient `{}`; hint: recipients.toml has: {}",
            args.recipient,
            known.join(", ")
        );
    };
    let now = now()?;
    let letter = letter(&settings, recipient, now)?;
    let senders = senders(&settings, recipient, &args.site);
    let done = if args.dry_run {
        senders.iter().all(|(name, sender)| shown(name, sender, &letter, now))
    } else {
        runtime()?.block_on(sent(senders, &letter, now))
    };
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FAILED) })
}

/// What is wrong with secrets, certificates and addresses that the settings name, one line each.
pub(crate) fn problems(settings: &Settings, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for recipient in &settings.notify.recipients {
        for (name, sender) in senders(settings, recipient, folder) {
            if let Err(why) = sender.check() {
                found.push(format!("recipient `{}`, way `{name}`: {why}", recipient.id));
            }
        }
    }
    found
}

fn senders(settings: &Settings, recipient: &Recipient, folder: &Path) -> Vec<(String, Sender)> {
    let shared = Shared {
        notify: Arc::new(settings.notify.clone()),
        recipient: recipient.clone(),
        folder: folder.to_owned(),
    };
    let ways = recipient.ways.iter();
    ways.map(|way| (way.as_str().to_owned(), Sender::new(shared.clone(), way.clone()))).collect()
}

fn shown(name: &str, sender: &Sender, letter: &Letter, now: Timestamp) -> bool {
    match sender.preview(letter, now) {
        Ok(preview) => {
            say(&format!("--- {name}: {}", preview.to));
            for header in &preview.headers {
                say(header);
            }
            say(&preview.body);
            true
        }
        Err(why) => {
            say(&format!("--- {name}: {why}"));
            false
        }
    }
}

/// By every way, not only until one takes it: each must be known to work.
async fn sent(senders: Vec<(String, Sender)>, letter: &Letter, now: Timestamp) -> bool {
    let mut all = true;
    for (name, mut sender) in senders {
        match sender.send(letter, now).await {
            Outcome::Accepted(answer) => say(&format!("{name}: 已接收 · accepted {answer}")),
            Outcome::Failed { why, .. } => {
                say(&format!("{name}: 失败 · failed: {why}"));
                all = false;
            }
        }
    }
    all
}

fn now() -> anyhow::Result<Timestamp> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.context("the system's clock is before 1970; hint: set it")?;
    Ok(Timestamp::from_millis(i64::try_from(since.as_millis())?))
}

/// A warning of the top tier, of a gas and an area that the recipient is told about.
fn letter(settings: &Settings, recipient: &Recipient, now: Timestamp) -> anyhow::Result<Letter> {
    let site = &settings.site;
    let area = recipient.areas.first().or(site.areas.first().map(|area| &area.id));
    let gas = recipient.gases.first().or(site.gases.first().map(|gas| &gas.id));
    let (Some(area), Some(gas)) = (area, gas) else {
        anyhow::bail!("the site has no area or measures no gas; hint: a test needs one of each");
    };
    let tier = site.tiers.last().copied().unwrap_or(Tier::Red);
    let id = WarningId::from_text(&format!("test.{}", WarningId::of(area, gas, now)));
    let warning = Warning {
        id,
        state: WarningState::ActiveUnacknowledged,
        ..Warning::begun(area, gas, tier, now)
    };
    let event = WarningEvent { change: WarningChange::Raised, at: now, warning, said: None };
    let known = Known { settings, contacts: &[], rules_version: None };
    let mut message = snapshot::message(&known, &event, (MessageKind::Alert, Show::Test, now));
    message.transition = 1;
    let delivery = Delivery {
        number: 0,
        recipient: recipient.id.clone(),
        warning: message.warning.clone(),
        transition: 1,
        kind: MessageKind::Alert,
        state: DeliveryState::Queued,
        way: 0,
        tries: 0,
        queued_at: now,
        way_at: None,
        sent_at: None,
        ended_at: None,
        read_at: None,
        answer: String::new(),
    };
    Ok(Letter { delivery, message, references: Vec::new(), others_open: false })
}
