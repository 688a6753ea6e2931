//! `siskin check SITE`: all problems of a site folder at once.

use std::process::ExitCode;

use crate::cli::{CheckArgs, EXIT_BAD_SITE, say};
use crate::station::{certificate, ground, uplink};
use crate::{files, notify};

/// Prints every problem and ends non-zero when there is one.
pub(crate) fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let inputs = files::site(&args.site, args.firmware_configs.as_deref())?;
    match siskin_config::load(&inputs) {
        Ok(settings) => {
            for note in &settings.notes {
                say(&note.to_string());
            }
            let certificate = match certificate::of(&settings, Some(&args.site)) {
                Ok(certificate) => certificate,
                Err(why) => {
                    say(&why.to_string());
                    return Ok(ExitCode::from(EXIT_BAD_SITE));
                }
            };
            let mut wrong = notify::problems(&settings, &args.site);
            wrong.extend(uplink::check(&settings, &args.site));
            let ground = ground::of(&settings, Some(&args.site));
            let looked = ground.map_or(Ok(None), |ground| ground.look(&settings));
            let elsewhere = looked.unwrap_or_else(|why| {
                wrong.push(why);
                None
            });
            if !wrong.is_empty() {
                for one in &wrong {
                    say(one);
                }
                return Ok(ExitCode::from(EXIT_BAD_SITE));
            }
            let renew = certificate.and_then(|one| one.note(settings.site.utc_offset_s));
            let more: Vec<&String> = renew.iter().chain(&elsewhere).collect();
            for note in &more {
                say(note);
            }
            let site = &settings.site;
            say(&format!(
                "`{}` is sound: {} areas, {} analyzers, {} channels, {} rules, {} notes",
                site.id,
                site.areas.len(),
                site.analyzers.len(),
                site.channels.len(),
                settings.rules.rules.len(),
                settings.notes.len() + more.len(),
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(report) => {
            say(&report.render());
            Ok(ExitCode::from(EXIT_BAD_SITE))
        }
    }
}
