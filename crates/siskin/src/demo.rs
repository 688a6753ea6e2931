//! `siskin demo`: a simulated park, read over real sockets by the same code as `siskin run`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use siskin_config::Settings;
use siskin_model::site::Connection;
use siskin_sim::{ParkSpec, PrivateBroker, RunningPark, Scenario};
use tokio_util::sync::CancellationToken;

use crate::cli::{DemoArgs, say};
use crate::files;
use crate::run::{listen, runtime, serve, stop_on_signals};
use crate::station::rules::SiteTexts;

/// Starts broker, park and station; stops them in the opposite order.
pub(crate) fn demo(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let inputs = files::demo_park();
    let settings =
        siskin_config::load(&inputs).map_err(|report| anyhow::anyhow!("{}", report.render()))?;
    let scratch = tempfile::tempdir().context("cannot make a scratch folder for the demo")?;
    let data = args.data.clone().unwrap_or_else(|| scratch.path().join("data"));
    let texts = SiteTexts { inputs, folder: None, firmware_configs: None };
    runtime()?.block_on(demonstrate(args, (settings, texts), scratch.path().to_owned(), data))?;
    Ok(ExitCode::SUCCESS)
}

async fn demonstrate(
    args: &DemoArgs,
    (mut settings, texts): (Settings, SiteTexts),
    scratch: PathBuf,
    data: PathBuf,
) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    stop_on_signals(&stop)?;
    let listener = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, args.port))).await?;
    let broker = PrivateBroker::start(&scratch).await?;
    let park_stop = CancellationToken::new();
    let spec = ParkSpec {
        site: Arc::new(settings.site.clone()),
        seed: args.seed,
        scenario: Scenario::demo(),
        broker: Some((Ipv4Addr::LOCALHOST.to_string(), broker.port())),
    };
    let park = RunningPark::start(spec, park_stop.clone()).await?;
    connect(&mut settings, &park, broker.port());
    say(&format!(
        "演示园区，数据均为模拟 · a simulated park, seed {}: \
         quiet for 20 s, then a chlorine leak; Ctrl-C ends it",
        args.seed
    ));
    let served = serve(Arc::new(settings), texts, &data, listener, true, stop).await;
    park_stop.cancel();
    park.stopped().await;
    broker.stop().await;
    served
}

/// Points the site's analyzers at the simulated devices.
fn connect(settings: &mut Settings, park: &RunningPark, broker_port: u16) {
    for analyzer in &mut settings.site.analyzers {
        if let Connection::ModbusTcp { host, port, .. } = &mut analyzer.connection
            && let Some(address) = park.addresses().get(&analyzer.id)
        {
            *host = address.ip().to_string();
            *port = address.port();
        }
    }
    if let Some(broker) = &mut settings.site.broker {
        broker.host = Ipv4Addr::LOCALHOST.to_string();
        broker.port = broker_port;
    }
}
