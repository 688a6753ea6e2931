//! What a gateway is told: the command line over the environment over its file (`--config`).
//!
//! Unknown keys are refused; folders in the file are seen from the file's own folder. Must never
//! print a password.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use serde::Deserialize;
use siskin_collect::spool::Policy;

use crate::cli::{LinkArgs, SPOOL_MIB, SPOOL_MIB_MAX, SiteArgs, StatusArgs, station};
use crate::siren::SirenSettings;

/// Where the spool lives when nobody says it.
const DATA: &str = "edge-data";
/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// The file as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    site: Option<PathBuf>,
    edge: Option<String>,
    firmware_configs: Option<PathBuf>,
    station: Option<String>,
    ca_file: Option<PathBuf>,
    data: Option<PathBuf>,
    spool_mib: Option<u64>,
    spool_policy: Option<String>,
    siren: Option<SirenSettings>,
}

/// Which gateway of which site.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) site: PathBuf,
    pub(crate) edge: String,
    pub(crate) firmware_configs: Option<PathBuf>,
    pub(crate) siren: Option<SirenSettings>,
}

/// What is needed to run.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) station: String,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) data: PathBuf,
    pub(crate) spool_mib: u64,
    pub(crate) spool_policy: Policy,
}

/// The gateway that `args` and the file name.
pub(crate) fn gateway(args: &SiteArgs) -> anyhow::Result<Gateway> {
    let file = read(args.config.as_deref())?;
    let site = args.site.clone().or(file.site).context(
        "没有指定厂区目录 · no site folder; hint: `--site DIR`, or `site` in the file of `--config`",
    )?;
    let edge = args.edge.clone().or(file.edge).context(
        "没有指定网关编号 · no gateway id; hint: `--edge ID`, or `edge` in the file of `--config`",
    )?;
    let firmware_configs = args.firmware_configs.clone().or(file.firmware_configs);
    Ok(Gateway { site, edge, firmware_configs, siren: file.siren })
}

/// How `args` and the file let it run.
pub(crate) fn running(config: Option<&Path>, args: &LinkArgs) -> anyhow::Result<Running> {
    let file = read(config)?;
    let of_file = |text: String| {
        station(&text).map_err(|why| anyhow::anyhow!("`station` in the file is `{text}`: {why}"))
    };
    let station = args
        .station
        .clone()
        .map_or_else(|| file.station.map(of_file).transpose(), |s| Ok(Some(s)))?;
    let station = station.context(
        "没有指定监测站地址 · no station; hint: `--station wss://host:port`, or `station` in the \
         file of `--config`",
    )?;
    let ca_file = args.ca_file.clone().or(file.ca_file);
    ensure!(
        !station.starts_with("wss://") || ca_file.is_some(),
        "`{station}` 需要 CA 证书文件 · needs the file of its certificate authority; \
         hint: `--ca-file FILE`, or `ca_file` in the file of `--config`"
    );
    let spool_mib = args.spool_mib.or(file.spool_mib).unwrap_or(SPOOL_MIB);
    ensure!(
        (1..=SPOOL_MIB_MAX).contains(&spool_mib),
        "`spool_mib` is `{spool_mib}`, expected 1 to {SPOOL_MIB_MAX}; hint: days of 500 channels \
         at 1 Hz fit into {SPOOL_MIB}"
    );
    let of_file = |text: String| text.parse().map_err(|why: String| anyhow::anyhow!(why));
    let policy = file.spool_policy.map(of_file).transpose()?;
    Ok(Running {
        station,
        ca_file,
        data: args.data.clone().or(file.data).unwrap_or_else(|| DATA.into()),
        spool_mib,
        spool_policy: args.spool_policy.or(policy).unwrap_or(Policy::Thin),
    })
}

/// Where the state is that `args` ask for.
pub(crate) fn data(args: &StatusArgs) -> anyhow::Result<PathBuf> {
    let file = read(args.config.as_deref())?;
    Ok(args.data.clone().or(file.data).unwrap_or_else(|| DATA.into()))
}

fn read(path: Option<&Path>) -> anyhow::Result<Written> {
    let Some(path) = path else { return Ok(Written::default()) };
    let about = || {
        format!("无法读取 · cannot read `{}`; hint: is it there, and ours to read?", path.display())
    };
    let size = std::fs::metadata(path).with_context(about)?.len();
    ensure!(
        size <= FILE_BYTES_MAX,
        "`{}` has {size} bytes, more than {FILE_BYTES_MAX}; hint: is it the gateway's file?",
        path.display()
    );
    let text = std::fs::read_to_string(path).with_context(about)?;
    let mut file: Written = toml::from_str(&text).map_err(|error| {
        anyhow::anyhow!(
            "`{}` 有误 · is wrong: {error}hint: the gateway's guide lists every key",
            path.display()
        )
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let paths = [&mut file.site, &mut file.firmware_configs, &mut file.ca_file, &mut file.data];
    for path in paths.into_iter().flatten() {
        *path = folder.join(&*path);
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::siren::coil::Relay;

    const WHOLE: &str = r#"
site = "site"
edge = "gw-1"
station = "https://10.0.0.1:8443"
ca_file = "/etc/ca.pem"
data = "spool"
spool_mib = 64
spool_policy = "drop-oldest"

[siren]
protocol = "modbus-tcp"
host = "10.0.0.9"
coil = 3
"#;

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("edge.toml");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn site_args(config: &Path) -> SiteArgs {
        let config = Some(config.to_owned());
        SiteArgs { config, site: None, edge: None, firmware_configs: None }
    }

    #[test]
    fn the_file_is_read_and_the_command_line_is_over_it() {
        let (folder, path) = written(WHOLE);
        let found = gateway(&site_args(&path)).unwrap();
        assert_eq!((found.site, found.edge.as_str()), (folder.path().join("site"), "gw-1"));
        let coil = Relay { host: "10.0.0.9".into(), port: 502, unit: 1, coil: 3 };
        assert_eq!(found.siren, Some(SirenSettings::ModbusTcp(coil)));
        let mut args = LinkArgs::default();
        let found = running(Some(&path), &args).unwrap();
        assert_eq!((found.station.as_str(), found.spool_mib), ("wss://10.0.0.1:8443", 64));
        assert_eq!(found.ca_file, Some("/etc/ca.pem".into()));
        assert_eq!(found.data, folder.path().join("spool"));
        assert_eq!(found.spool_policy, Policy::DropOldest);
        args.spool_mib = Some(5);
        args.spool_policy = Some(Policy::Thin);
        args.station = Some("ws://a:1".into());
        let found = running(Some(&path), &args).unwrap();
        assert_eq!((found.station.as_str(), found.spool_mib), ("ws://a:1", 5));
        assert_eq!(found.spool_policy, Policy::Thin);
    }

    fn check(text: &str, want: &[&str]) {
        let (_folder, path) = written(text);
        let of_gateway = gateway(&site_args(&path)).map(|_| ());
        let done = of_gateway.and_then(|()| running(Some(&path), &LinkArgs::default()).map(|_| ()));
        let error = format!("{:#}", done.unwrap_err());
        assert!(want.iter().all(|part| error.contains(part)) && error.contains("hint:"), "{error}");
    }

    #[test]
    fn what_is_wrong_in_the_file_is_named_with_its_line() {
        check("sation = \"a\"", &["edge.toml", "line 1", "unknown field `sation`"]);
        check("edge = \"a\"", &["no site folder"]);
        check("site = \"a\"", &["no gateway id"]);
        let coil = WHOLE.replace("coil = 3", "coil = 3\nspeed = 9");
        check(&coil, &["edge.toml", "unknown field `speed`"]);
        check(&WHOLE.replace("modbus-tcp", "smoke"), &["unknown variant `smoke`"]);
        check(&WHOLE.replace("https:", "gopher:"), &["`gopher://10.0.0.1:8443`"]);
        check(&WHOLE.replace("ca_file", "# ca_file"), &["certificate authority", "--ca-file"]);
        check(&WHOLE.replace("64", "0"), &["`spool_mib` is `0`"]);
        check(&WHOLE.replace("drop-oldest", "drop"), &["`drop` is not known"]);
        let missing = gateway(&site_args(Path::new("/nowhere/edge.toml"))).unwrap_err();
        assert!(missing.to_string().contains("cannot read `/nowhere/edge.toml`"), "{missing}");
    }
}
