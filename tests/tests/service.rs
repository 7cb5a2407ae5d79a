//! `up watch` as a service: what it tells a service manager, and the secrets that it gets from it.
//! The service manager is a socket of the test's own.

#![cfg(target_os = "linux")]

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use up_tests::daemon::PATIENCE;
use up_tests::nginx::Nginx;
use up_tests::up::Up;

/// A service manager: it receives the messages of a service.
struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    fn listen(socket: UnixDatagram) -> Self {
        socket
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit can be set");
        Self { socket }
    }

    /// The lines of the next message.
    fn next(&self) -> Vec<String> {
        let mut message = [0; 4096];
        let length = self.socket.recv(&mut message).expect("a message in time");
        let text = std::str::from_utf8(&message[..length]).expect("UTF-8");
        text.lines().map(str::to_owned).collect()
    }

    /// Waits for a message with this line.
    fn until(&self, line: &str) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let lines = self.next();
            if lines.iter().any(|it| it == line) {
                return lines;
            }
        }
        panic!("no {line:?} within {PATIENCE:?}");
    }
}

fn site(url: &str) -> String {
    format!("name = \"Site\"\n[[source]]\ntype = \"http\"\nname = \"web\"\nurl = {url:?}\n")
}

fn follows_the_protocol(manager: &Manager, socket: &str) {
    let nginx = Nginx::start();
    let config = site(&nginx.url("/ok"));
    let mut up = Up::with(&config);
    up.env("NOTIFY_SOCKET", socket)
        .env("WATCHDOG_USEC", "400000");
    let mut watch = up.start(["watch"]);
    let pid = Pid::from_raw(watch.pid().cast_signed()).expect("a process");
    let ready = manager.until("READY=1");
    assert!(
        ready[1].starts_with("STATUS=Watching 1 source: "),
        "{ready:?}"
    );
    manager.until("STATUS=Watching 1 source: 1 up");
    manager.until("WATCHDOG=1");
    manager.until("WATCHDOG=1");

    up.write(
        "up.toml",
        format!(
            "{config}[[source]]\ntype = \"http\"\nname = \"b\"\nurl = {:?}\n",
            nginx.url("/ok")
        ),
    );
    kill_process(pid, Signal::HUP).expect("it can be signalled");
    let reloading = manager.until("RELOADING=1");
    let time = reloading[1].strip_prefix("MONOTONIC_USEC=");
    let time: i64 = time.and_then(|time| time.parse().ok()).expect("a time");
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let now = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000;
    assert!((1..=now).contains(&time), "{time} is before {now}");
    manager.until("READY=1");

    up.write("up.toml", "nonsense");
    kill_process(pid, Signal::HUP).expect("it can be signalled");
    manager.until("RELOADING=1");
    // A reload that failed has ended as well.
    manager.until("READY=1");

    kill_process(pid, Signal::TERM).expect("it can be signalled");
    manager.until("STOPPING=1");
    assert_eq!(watch.end(Signal::TERM), Some(0), "it ends cleanly");
}

#[test]
fn a_service_manager_is_told_of_readiness_reloads_life_and_the_end() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("notify");
    let manager = Manager::listen(UnixDatagram::bind(&path).expect("a socket"));
    follows_the_protocol(&manager, path.to_str().expect("UTF-8"));
}

#[test]
fn a_service_manager_may_have_an_abstract_name() {
    let name = format!("up-service-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("a name");
    let manager = Manager::listen(UnixDatagram::bind_addr(&address).expect("a socket"));
    follows_the_protocol(&manager, &format!("@{name}"));
}

#[test]
fn a_wrong_configuration_is_never_ready() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).expect("a socket");
    manager.set_nonblocking(true).expect("a socket");
    let mut up = Up::with("nonsense");
    up.env("NOTIFY_SOCKET", path.to_str().expect("UTF-8"));
    assert_eq!(up.run(["watch"]).code, Some(2));
    assert!(manager.recv(&mut [0; 64]).is_err(), "nobody is told");
}

#[test]
fn a_credential_of_the_service_is_a_secret() {
    let config = "[[source]]\ntype = \"http\"\nurl = \"http://127.0.0.1:1/\"\n\
                  token = { credential = \"shop\" }\n";
    let up = Up::with(config);
    std::fs::create_dir(up.dir().join("credentials")).expect("a folder");
    let folder = up.dir().join("credentials");
    let env = [("CREDENTIALS_DIRECTORY", folder.to_str().expect("UTF-8"))];
    let without = up.run(["validate"]);
    assert_eq!(without.code, Some(2));
    let loading = "`LoadCredential=shop:/etc/up/shop` in the unit gives it";
    assert!(without.err.contains(loading), "{}", without.err);
    let absent = up.run_with(&env, ["validate"]);
    assert_eq!(absent.code, Some(2));
    assert!(absent.err.contains(loading), "{}", absent.err);
    up.write("credentials/shop", "hunter2\n");
    let given = up.run_with(&env, ["validate"]);
    assert_eq!((given.code, given.err.as_str()), (Some(0), ""));
}
