//! The station and its tools: wiring only. What a reading goes through lives in the crates below;
//! this binary reads files, starts threads and servers, and maps one crate's words to another's.

mod audit;
mod backtest;
mod check;
mod cli;
mod demo;
mod evidence;
mod files;
mod history;
mod kpi;
mod notify;
mod people;
mod periods;
mod probe;
mod readings_file;
mod replay;
mod report;
mod roster;
mod run;
mod station;
mod test_rules;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    cli::start_log();
    let done = match cli.command {
        cli::Command::Run(args) => run::run(&args),
        cli::Command::Demo(args) => demo::demo(&args),
        cli::Command::People(args) => people::command::people(*args),
        cli::Command::Check(args) => check::check(&args),
        cli::Command::Replay(args) => replay::replay(&args),
        cli::Command::TestRules(args) => test_rules::test_rules(&args),
        cli::Command::Backtest(args) => backtest::backtest(&args),
        cli::Command::Probe(args) => probe::probe(&args),
        cli::Command::Verify(args) => history::verify(&args),
        cli::Command::Backup(args) => history::backup(&args),
        cli::Command::Restore(args) => history::restore(&args),
        cli::Command::Export(args) => history::export(&args),
        cli::Command::Audit(args) => audit::audit(&args),
        cli::Command::Kpi(args) => kpi::command::kpi(&args),
        cli::Command::Import(args) => history::import(&args),
        cli::Command::Evidence(args) => evidence::command(&args),
        cli::Command::Report(args) => report::command(&args),
        cli::Command::Roster { command } => roster::roster(&command),
        cli::Command::Notify { command } => notify::notify(&command),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(cli::EXIT_FAILED)
        }
    }
}
