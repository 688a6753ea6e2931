//! `siskin people`: accounts of a data folder whose station does not run.
//!
//! For the first account, for scripts, and for an admin who lost the password: whoever may write
//! the data folder may do anything with it already.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use siskin_api::contract::PersonView;
use siskin_api::people::{NewPerson, NewToken, PersonChange, Secret, TOKEN_DAYS_MAX};
use siskin_model::{AccountName, AreaId, AreaScope, Role, Timestamp};
use siskin_store::Ledger;

use super::{PeopleDesk, PeopleRules, random_password};
use crate::cli::say;

/// Who acts, as the audit says it.
const BY: &str = "terminal";
/// The most bytes that are read as a password.
const PASSWORD_BYTES_MAX: u64 = 4096;

/// Arguments of `siskin people`.
#[derive(Debug, Args)]
pub(crate) struct PeopleArgs {
    /// The data folder; its station must not be running.
    #[arg(long, default_value = "data", global = true)]
    data: PathBuf,
    #[command(subcommand)]
    act: PeopleAct,
}

#[derive(Debug, Subcommand)]
enum PeopleAct {
    /// Make an account. (新建账号)
    Add {
        /// Its name: a-z, 0-9, `.`, `_`, `-`, a letter first.
        name: String,
        /// How people call them; without it as the account.
        #[arg(long)]
        display: Option<String>,
        /// What they are.
        #[arg(long, value_enum)]
        role: RoleArg,
        /// An area they may act in, may be repeated; without it the whole site.
        #[arg(long = "area", value_name = "AREA")]
        areas: Vec<String>,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List accounts. (列出账号)
    List,
    /// Keep somebody from coming in; sessions and tokens end. (停用账号)
    Disable {
        /// The account.
        name: String,
    },
    /// Let somebody in again. (启用账号)
    Enable {
        /// The account.
        name: String,
    },
    /// Set a password; the sessions of the account end. (重设密码)
    Password {
        /// The account.
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Make a token and print it once. (新建令牌)
    Token {
        /// The account it acts for.
        name: String,
        /// What it is for.
        #[arg(long = "for", value_name = "WHAT")]
        purpose: String,
        /// What it may do; without it what its owner may.
        #[arg(long, value_enum)]
        role: Option<RoleArg>,
        /// An area it may act in, may be repeated; without it those of its owner.
        #[arg(long = "area", value_name = "AREA")]
        areas: Vec<String>,
        /// How many days it holds.
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(TOKEN_DAYS_MAX)))]
        days: u32,
    },
}

#[derive(Debug, Args)]
struct PasswordArgs {
    /// Read the password from standard input; without this one is made and printed once.
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleArg {
    Viewer,
    Bureau,
    Operator,
    Engineer,
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Viewer => Self::Viewer,
            RoleArg::Bureau => Self::Bureau,
            RoleArg::Operator => Self::Operator,
            RoleArg::Engineer => Self::Engineer,
            RoleArg::Admin => Self::Admin,
        }
    }
}

/// Does one act on the accounts of a data folder.
pub(crate) fn people(args: PeopleArgs) -> anyhow::Result<ExitCode> {
    let desk = desk(&args.data)?;
    match args.act {
        PeopleAct::Add { name, display, role, areas, password } => {
            let (password, made) = password.take()?;
            let display = display.unwrap_or_else(|| name.clone());
            let name = AccountName::new(&name)?;
            let areas = scope(areas)?.unwrap_or(AreaScope::All);
            let role = role.into();
            let new = NewPerson { name, display, role, areas, password };
            show(&desk.add_person(BY, &new)?);
            tell(made.as_ref());
        }
        PeopleAct::List => desk.persons().iter().for_each(show),
        PeopleAct::Disable { name } => show(&set_disabled(&desk, &name, true)?),
        PeopleAct::Enable { name } => show(&set_disabled(&desk, &name, false)?),
        PeopleAct::Password { name, password } => {
            let (password, made) = password.take()?;
            show(&desk.reset_password(BY, &name, &password)?);
            tell(made.as_ref());
        }
        PeopleAct::Token { name, purpose, role, areas, days } => {
            let owner = desk.owner(&name)?;
            let role = role.map_or(owner.role, Role::from);
            let areas = scope(areas)?.unwrap_or(owner.areas);
            let new = NewToken { name: purpose, role, areas, days };
            let (_, text) = desk.add_token(BY, &name, &new)?;
            say(&text.0);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn set_disabled(desk: &PeopleDesk, name: &str, disabled: bool) -> anyhow::Result<PersonView> {
    let change = PersonChange { disabled: Some(disabled), ..PersonChange::default() };
    Ok(desk.change_person(BY, name, &change)?)
}

/// The people of a folder. No site is known here: areas are taken as written.
fn desk(data: &Path) -> anyhow::Result<PeopleDesk> {
    let ledger = Arc::new(Ledger::open(data)?);
    let clock: siskin_collect::Clock = Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now_ms = since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        Timestamp::from_millis(now_ms)
    });
    let rules =
        PeopleRules { session_ms: 0, anonymous_looks: false, areas: None, offset_s: 8 * 3600 };
    PeopleDesk::open(ledger, clock, rules)
}

fn scope(areas: Vec<String>) -> anyhow::Result<Option<AreaScope>> {
    if areas.is_empty() {
        return Ok(None);
    }
    let area = |id: String| AreaId::new(&id).with_context(|| format!("`{id}` is no area's id"));
    Ok(Some(AreaScope::Some(areas.into_iter().map(area).collect::<anyhow::Result<_>>()?)))
}

impl PasswordArgs {
    /// The password, and the same once more where it was made here.
    fn take(&self) -> anyhow::Result<(Secret, Option<Secret>)> {
        if !self.password_stdin {
            let made = random_password()?;
            return Ok((made.clone(), Some(made)));
        }
        let mut text = String::new();
        std::io::stdin()
            .take(PASSWORD_BYTES_MAX)
            .read_to_string(&mut text)
            .context("cannot read the password from standard input")?;
        let line = text.lines().next().unwrap_or_default();
        Ok((Secret(line.to_owned()), None))
    }
}

fn show(person: &PersonView) {
    let areas = person.areas.as_ref().map_or_else(|| "*".to_owned(), |areas| areas.join(","));
    let role = Role::from(person.role);
    let state = if person.disabled { "已停用 disabled" } else { "可登录 enabled" };
    let PersonView { name, display, .. } = person;
    say(&format!("{name}\t{}\t{areas}\t{state}\t{display}", role.as_str()));
}

fn tell(made: Option<&Secret>) {
    if let Some(made) = made {
        say(&format!("密码，只显示一次 · password, shown once: {}", made.0));
    }
}
