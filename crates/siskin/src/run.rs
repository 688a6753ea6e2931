//! `siskin run SITE`: a station until it is told to stop.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use siskin_api::people::NewPerson;
use siskin_config::Settings;
use siskin_model::{AccountName, AreaScope, Role};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::cli::{EXIT_BAD_SITE, RunArgs, say};
use crate::files;
use crate::people::{PeopleDesk, random_password};
use crate::station::Station;
use crate::station::rules::SiteTexts;

/// Who can act in the demo.
const DEMO_ACCOUNTS: [(&str, Role, &str); 3] = [
    ("admin", Role::Admin, "演示管理员 Demo admin"),
    ("operator", Role::Operator, "演示操作员 Demo operator"),
    ("engineer", Role::Engineer, "演示工程师 Demo engineer"),
];

/// Runs the site until SIGINT or SIGTERM.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let inputs = files::site(&args.site, args.firmware_configs.as_deref())?;
    let settings = match siskin_config::load(&inputs) {
        Ok(settings) => settings,
        Err(report) => {
            say(&report.render());
            return Ok(ExitCode::from(EXIT_BAD_SITE));
        }
    };
    for note in &settings.notes {
        tracing::info!(%note, "note on the site");
    }
    if settings.station.tls.is_none() && !settings.station.listen.ip().is_loopback() {
        tracing::warn!(
            listen = %settings.station.listen,
            "other machines reach the page and the links of gateways without TLS; \
             hint: [station.tls] in site.toml"
        );
    }
    runtime()?.block_on(async {
        let stop = CancellationToken::new();
        stop_on_signals(&stop)?;
        let listener = listen(settings.station.listen).await?;
        let texts = SiteTexts {
            inputs,
            folder: Some(args.site.clone()),
            firmware_configs: args.firmware_configs.clone(),
        };
        serve(Arc::new(settings), texts, &args.data, listener, false, stop).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Opens a station and runs it.
pub(crate) async fn serve(
    settings: Arc<Settings>,
    texts: SiteTexts,
    data: &Path,
    listener: TcpListener,
    simulated: bool,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("cannot tell the address of the listener")?;
    let name = settings.site.name.clone();
    let scheme = if settings.station.tls.is_some() { "https" } else { "http" };
    let station = Station::open(&settings, texts, data, simulated)?;
    welcome(station.people(), simulated)?;
    say(&format!("{} · {}: {scheme}://{address}/", name.zh, name.en));
    station.run(listener, stop).await?;
    say("已停止 · stopped");
    Ok(())
}

/// Where nobody can sign in yet: says how the first admin is set up, or makes the demo's accounts.
fn welcome(people: &PeopleDesk, simulated: bool) -> anyhow::Result<()> {
    if simulated && people.setup_needed() {
        say("演示账号，密码只显示一次 · accounts of the demo, passwords shown once:");
        for (name, role, display) in DEMO_ACCOUNTS {
            let password = random_password()?;
            let new = NewPerson {
                name: AccountName::new(name)?,
                display: display.to_owned(),
                role,
                areas: AreaScope::All,
                password: password.clone(),
            };
            people.add_person("terminal", &new)?;
            say(&format!("  {name}  {}", password.0));
        }
    } else if let Some(code) = people.setup_code() {
        say(&format!(
            "尚无账号，请在页面用此设置码建立首个管理员 · nobody can sign in yet, set up the first \
             admin on the page with this code: {code}"
        ));
    }
    Ok(())
}

/// The async runtime of the outer ring.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().thread_name("siskin-io").build().context("cannot start the IO threads")
}

/// SIGINT and SIGTERM ask for a stop; a second one is not needed, nothing waits for ever.
pub(crate) fn stop_on_signals(stop: &CancellationToken) -> anyhow::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = stop.cancelled() => {}
        }
        stop.cancel();
    });
    Ok(())
}

/// Takes the port of the page, or says who should give way.
pub(crate) async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        anyhow::anyhow!(
            "cannot listen on {address}: {error}; hint: if another program uses the port, stop it \
             or choose another port (`make demo PORT=8090`, or `listen` in site.toml) \
             · 无法监听 {address}：端口若被占用，请停止占用的程序，或换一个端口"
        )
    })
}
