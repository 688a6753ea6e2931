//! The broker as a process: it comes up, it is ours alone, and it never outlives us.

use std::process::Command as Blocking;

use super::*;

/// In the environment of the process that is killed: the folder to start a broker in.
const VICTIM_FOLDER: &str = "SISKIN_SIM_TEST_VICTIM_FOLDER";
/// How often a killed process is looked for before it counts as alive.
const GONE_TRIES_MAX: u32 = 1000;

/// Whether the process has ended, given the time it needs to do so. Looked at in its `stat`: a
/// process nobody has waited for is a zombie and has ended.
async fn has_ended(pid: u32) -> bool {
    for _ in 0..GONE_TRIES_MAX {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if stat.is_empty() || stat.contains(") Z ") {
            return true;
        }
        tokio::time::sleep(REAP_AGAIN).await;
    }
    false
}

#[tokio::test]
async fn two_brokers_live_side_by_side_and_end_when_told() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = PrivateBroker::start(one.path()).await.unwrap();
    let second = PrivateBroker::start(two.path()).await.unwrap();
    assert_ne!(first.port(), second.port());
    let pids = [first.child.id().unwrap(), second.child.id().unwrap()];
    let port = first.port();
    first.stop().await;
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap_err();
    TcpStream::connect((Ipv4Addr::LOCALHOST, second.port())).await.unwrap();
    drop(second);
    for pid in pids {
        // Waited for, so not even a zombie is left.
        assert!(!Path::new(&format!("/proc/{pid}")).exists());
    }
}

#[tokio::test]
async fn it_listens_on_loopback_only_and_in_a_group_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let broker = PrivateBroker::start(folder.path()).await.unwrap();
    let text = std::fs::read_to_string(folder.path().join("mosquitto.conf")).unwrap();
    let listeners: Vec<_> = text.lines().filter(|l| l.starts_with("listener")).collect();
    assert_eq!(listeners, [format!("listener {} 127.0.0.1", broker.port())]);
    let pid = broker.child.id().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, behind_name) = stat.rsplit_once(") ").unwrap();
    let group = behind_name.split(' ').nth(2).unwrap();
    assert_eq!(group, pid.to_string());
    broker.stop().await;
}

#[tokio::test]
async fn what_it_says_when_it_cannot_start_is_in_the_error() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none");
    let error = PrivateBroker::start(&missing).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot write the settings"), "{error}");
    // A program that ends at once stands in for a mosquitto that cannot start.
    let said = PrivateBroker::attempt(Path::new("/bin/false"), folder.path()).await;
    let said = said.unwrap().unwrap_err();
    assert!(said.starts_with("it ended with") && said.contains("log is empty"), "{said}");
    assert_eq!(find("no-such-program"), None);
}

/// Does nothing in a test run. In a process of its own it starts a broker and waits to be killed.
#[tokio::test]
async fn victim() {
    let Some(folder) = std::env::var_os(VICTIM_FOLDER) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let broker = PrivateBroker::start(&folder).await.unwrap();
    let pid = broker.child.id().unwrap().to_string();
    // Written beside and renamed, so that whoever waits for it never reads half of it.
    std::fs::write(folder.join("pid.part"), pid).unwrap();
    std::fs::rename(folder.join("pid.part"), folder.join("pid")).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn it_dies_with_a_starter_that_is_killed() {
    assert!(find("setpriv").is_some(), "util-linux is part of Debian");
    let folder = tempfile::tempdir().unwrap();
    let mut starter = Blocking::new(std::env::current_exe().unwrap());
    starter.args(["--exact", "broker::tests::victim"]).env(VICTIM_FOLDER, folder.path());
    let mut starter = starter.stdout(Stdio::null()).spawn().unwrap();
    let pid = loop {
        if let Ok(text) = std::fs::read_to_string(folder.path().join("pid")) {
            break text.parse().unwrap();
        }
        assert!(starter.try_wait().unwrap().is_none(), "the starter ended early");
        tokio::time::sleep(CONNECT_AGAIN).await;
    };
    // SIGKILL: nothing of ours runs any more in the starter.
    starter.kill().unwrap();
    starter.wait().unwrap();
    assert!(has_ended(pid).await, "process {pid} is left");
}
