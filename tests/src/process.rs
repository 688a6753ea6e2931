//! A child process that ends with the test, whose output is kept and shown when the test fails.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::wait::poll;

/// Lines of output that are kept; older ones are dropped.
const LINES_KEPT_MAX: usize = 400;
/// Lines on stdout that may wait to be read; then the child waits.
const LINES_WAITING_MAX: usize = 1024;

type Log = Arc<Mutex<VecDeque<String>>>;

/// A running child in a process group of its own.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: Log,
    lines: Receiver<String>,
}

impl Process {
    /// Starts `command`; `name` is for messages. The thread that calls this must live as long as
    /// the child shall: the kernel ends the child after it, also when the test is killed.
    pub fn start(name: &str, command: &Command) -> Result<Self> {
        let mut child = ending_with_us(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}: {command:?}"))?;
        let log = Log::default();
        let (sender, lines) = sync_channel(LINES_WAITING_MAX);
        keep(child.stdout.take(), &log, Some(sender));
        keep(child.stderr.take(), &log, None);
        Ok(Self { name: name.to_owned(), child, log, lines })
    }

    /// Its process id, which is also that of its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line on its stdout.
    pub fn line(&self, limit: Duration) -> Result<String> {
        let line = self.lines.recv_timeout(limit);
        line.with_context(|| format!("no line of {} within {limit:?}:\n{}", self.name, self.log()))
    }

    /// Writes a line to its stdin.
    pub fn write(&mut self, line: &str) -> Result<()> {
        let stdin = self.child.stdin.as_mut().context("stdin is closed")?;
        writeln!(stdin, "{line}").with_context(|| format!("{} does not read", self.name))?;
        Ok(stdin.flush()?)
    }

    /// Sends a signal to the whole group, as a terminal does.
    pub fn signal(&self, signal: &str) -> Result<()> {
        let command = format!("kill -s {signal} -- -{}", self.id());
        let status = Command::new("sh").args(["-c", &command]).status()?;
        ensure!(status.success(), "`{command}` failed");
        Ok(())
    }

    /// Waits for its end.
    pub fn ended(&mut self, limit: Duration) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.name);
        poll(&what, limit, || Ok(self.child.try_wait()?))
    }

    /// Ends it by kill -9.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Its last output, oldest line first.
    pub fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&str> = log.iter().map(String::as_str).collect();
        lines.join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already; there is nobody to tell.
        let _ended = self.kill();
        say(&format!("--- output of {}:\n{}", self.name, self.log()));
    }
}

/// Whether output is shown; the test runner hides it of tests that pass, a benchmark has none.
static SHOWN: AtomicBool = AtomicBool::new(true);

/// From now on nothing is shown: for benchmarks, whose output is their figures.
pub fn hide_output() {
    SHOWN.store(false, Ordering::Relaxed);
}

/// Shows something when the test fails.
#[allow(
    clippy::print_stderr,
    reason = "the test runner catches it and shows it when the test fails"
)]
pub fn say(text: &str) {
    if SHOWN.load(Ordering::Relaxed) {
        eprintln!("{text}");
    }
}

/// The same command, started by `setpriv`, which becomes it.
fn ending_with_us(command: &Command) -> Command {
    let mut bound = Command::new("setpriv");
    bound.args(["--pdeathsig", "KILL", "--"]);
    bound.arg(command.get_program()).args(command.get_args());
    let set = command.get_envs().filter_map(|(key, value)| Some((key, value?)));
    bound.envs(set);
    bound
}

fn keep(from: Option<impl Read + Send + 'static>, log: &Log, to: Option<SyncSender<String>>) {
    let Some(from) = from else { return };
    let log = Arc::clone(log);
    thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            let Ok(line) = line else { break };
            let mut kept = log.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == LINES_KEPT_MAX {
                kept.pop_front();
            }
            kept.push_back(line.clone());
            drop(kept);
            if let Some(to) = &to {
                // Nobody reads any more once the process is given up.
                let _gone = to.send(line);
            }
        }
    });
}
