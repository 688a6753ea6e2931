//! `siskin probe`: reads a live device once with a profile and says what it sees.
//!
//! For the person who sets a device up. Only reads; never feeds a station. It opens a line of its
//! own, so a station that polls the same device is disturbed while it runs.

pub(crate) mod args;
mod look;
mod sheet;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use siskin_model::Unit;
use siskin_wire::DeviceProfile;
use siskin_wire::modbus::Plan;
use siskin_wire::profile::unit_of;

use crate::cli::say;
use crate::files;
use args::ProbeArgs;

/// The device was read, and something about it is not as the profile says.
const EXIT_DISAGREES: u8 = 2;

/// Reads the device and prints its sheet; ends non-zero when something disagrees.
pub(crate) fn probe(args: &ProbeArgs) -> anyhow::Result<ExitCode> {
    let profile = profile(&args.profile, args.firmware_configs.as_deref())?;
    let wanted = wanted(&profile, &args.channels)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start the runtime")?;
    let Some(pause_s) = args.watch else {
        let disagree = runtime.block_on(one(args, &profile, &wanted))?;
        let code = if disagree == 0 { 0 } else { EXIT_DISAGREES };
        return Ok(ExitCode::from(code));
    };
    runtime.block_on(async {
        let pause = Duration::from_secs(pause_s.into());
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended.context("cannot wait for Ctrl-C"),
            () = watch(args, &profile, &wanted, pause) => Ok(()),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Looks again and again: a device that is off is told and asked again.
async fn watch(
    args: &ProbeArgs,
    profile: &DeviceProfile,
    wanted: &BTreeMap<String, Unit>,
    pause: Duration,
) {
    loop {
        if let Err(error) = one(args, profile, wanted).await {
            say(&format!("{error:#}"));
        }
        say("");
        tokio::time::sleep(pause).await;
    }
}

async fn one(
    args: &ProbeArgs,
    profile: &DeviceProfile,
    wanted: &BTreeMap<String, Unit>,
) -> anyhow::Result<usize> {
    let connection = args.connection(profile)?;
    let mut plan = Plan::whole(profile)?;
    let seen = look::look(&connection, args.pace(profile), &mut plan).await;
    let seen = seen.map_err(|error| anyhow::anyhow!(error.in_both()))?;
    let (text, disagree) = sheet::sheet(profile, &seen, wanted);
    say(&text);
    Ok(disagree)
}

/// The profile called `name`, or the one in the file `name`.
fn profile(name: &str, firmware_configs: Option<&Path>) -> anyhow::Result<DeviceProfile> {
    let is_file = Path::new(name).extension().is_some_and(|end| end == "toml");
    let text = if is_file {
        std::fs::read_to_string(name).with_context(|| format!("cannot read `{name}`"))?
    } else {
        let known = files::devices(firmware_configs)?;
        let wanted = format!("{name}.toml");
        let found = known.iter().find(|file| file.path == wanted);
        let names: Vec<_> = known.iter().filter_map(|f| f.path.strip_suffix(".toml")).collect();
        let unknown =
            || format!("there is no profile `{name}`; hint: the profiles are {}", names.join(", "));
        found.with_context(unknown)?.text.clone()
    };
    let profile: DeviceProfile =
        toml::from_str(&text).with_context(|| format!("cannot read the profile `{name}`"))?;
    let problems: Vec<_> = profile
        .check()
        .into_iter()
        .map(|p| format!("{}: {}; hint: {}", p.path, p.message, p.hint))
        .collect();
    anyhow::ensure!(problems.is_empty(), "profile `{name}` is not sound:\n{}", problems.join("\n"));
    Ok(profile)
}

/// The units that channels want, by point.
fn wanted(profile: &DeviceProfile, texts: &[String]) -> anyhow::Result<BTreeMap<String, Unit>> {
    let one = |text: &String| {
        let wrong = || format!("`{text}` is not POINT=UNIT; hint: for example `gas=ppm`");
        let (point, unit) = text.split_once('=').with_context(wrong)?;
        let known = profile.value_points();
        let is_known = known.contains(&point);
        let known = known.join(", ");
        anyhow::ensure!(is_known, "there is no value `{point}`; hint: the values are {known}");
        Ok((point.to_owned(), unit_of(unit).with_context(wrong)?))
    };
    texts.iter().map(one).collect()
}

#[cfg(test)]
mod tests;
