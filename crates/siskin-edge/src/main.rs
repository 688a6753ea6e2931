//! The collector on a gateway: reads the analyzers that the site gives to it, keeps their readings
//! on its own disk, and passes them to the station. Sounds a local siren at the site's highest
//! tier,
//! by the station's own engine. Shows no page; a cut line loses nothing up to the spool's limit.

mod cli;
mod files;
mod gateway;
mod guard;
mod run;
mod siren;
mod status;
mod watch;
mod written;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    cli::start_log();
    let done = match cli.command {
        cli::Command::Run(args) => run::run(&args),
        cli::Command::Check(args) => run::check(&args),
        cli::Command::Status(args) => status::show(&args),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(cli::EXIT_FAILED)
        }
    }
}
