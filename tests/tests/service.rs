//! `up watch` as a service: what it tells a service manager, and the secrets that it gets from it.
//! The service manager is a socket of the test's own.

#![cfg(target_os = "linux")]

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};
use up_tests::daemon::PATIENCE;
use up_tests::nginx::Nginx;
use up_tests::up::{Up, eventually};

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

#[test]
fn commands_cannot_speak_for_the_service() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("notify");
    let _manager = Manager::listen(UnixDatagram::bind(&path).expect("a socket"));
    let mut up = Up::with(
        "name = \"Site\"\n[alert]\ndown_after = 1\ngroup_within = \"1s\"\n[[source]]\ntype = \
         \"command\"\nname = \"a\"\ncommand = [\"sh\", \"-c\", \"env > checked; exit 2\"]\n[[sink]]\n\
         type = \"command\"\ncommand = [\"sh\", \"-c\", \"env > told.new; mv told.new told\"]\n",
    );
    up.env("NOTIFY_SOCKET", path.to_str().expect("UTF-8"))
        .env("WATCHDOG_USEC", "60000000")
        .env("KEPT", "yes");
    let mut watch = up.start(["watch"]);
    eventually("people are notified", || up.dir().join("told").exists());
    for name in ["checked", "told"] {
        let text = std::fs::read_to_string(up.dir().join(name)).expect("it is there");
        assert!(text.contains("KEPT=yes"), "{text}");
        for variable in ["NOTIFY_SOCKET", "WATCHDOG_"] {
            assert!(!text.contains(variable), "{variable} in {text}");
        }
    }
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn the_name_of_a_credential_is_shown_and_a_secret_is_not() {
    let up = Up::with(
        "name = \"Site\"\n[[source]]\ntype = \"http\"\nname = \"a\"\nurl = \"http://127.0.0.1:1/\"\n\
         token = { credential = \"shop\" }\nheaders = { credential = \"hunter2\" }\n",
    );
    std::fs::create_dir(up.dir().join("credentials")).expect("a folder");
    up.write("credentials/shop", "hunter3\n");
    let folder = up.dir().join("credentials");
    let env = [("CREDENTIALS_DIRECTORY", folder.to_str().expect("UTF-8"))];
    let shown = up.run_with(&env, ["validate", "--explain", "/Site/a"]).out;
    assert!(shown.contains("{ credential = \"shop\" }"), "{shown}");
    assert!(!shown.contains("hunter"), "{shown}");
}

#[test]
fn its_health_can_be_checked() {
    let up = Up::with(site("http://127.0.0.1:1/"));
    let check = |args: &[&str], code: i32, sentence: &str| {
        let outcome = up.run(args);
        let said = format!("{}{}", outcome.out, outcome.err);
        assert_eq!(outcome.code, Some(code), "{said}");
        assert!(said.contains(sentence), "{said}");
    };
    check(&["watch", "--check"], 1, "no Up is running with the data");
    let mut watch = up.start(["watch"]);
    eventually("it is healthy", || {
        up.run(["watch", "--check"]).code == Some(0)
    });
    check(&["watch", "--check"], 0, "up watch lives, with ");
    up.write("other.toml", site("http://127.0.0.1:2/"));
    check(
        &["watch", "--check", "-c", "other.toml"],
        1,
        "give each its own UP_DATA_DIR",
    );
    let pid = Pid::from_raw(watch.pid().cast_signed()).expect("a process");
    kill_process(pid, Signal::STOP).expect("it can be signalled");
    check(&["watch", "--check"], 1, "does not answer");
    kill_process(pid, Signal::CONT).expect("it can be signalled");
    check(&["watch", "--check"], 0, "up watch lives");
    assert_eq!(watch.end(Signal::TERM), Some(0));
    check(&["watch", "--check"], 1, "no Up is running");
}

/// Starts `up` with standard error at a journal whose socket is in the folder `$0`. Only this process
/// and its children see that /run.
const WITH_JOURNAL: &str = "mount -t tmpfs none /run && mkdir -p /run/systemd/journal && \
     mount --bind \"$0\" /run/systemd/journal && \
     JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) && export JOURNAL_STREAM && exec \"$@\"";

/// The first field of this name in a message of the native protocol of journald.
fn field(message: &[u8], name: &str) -> Option<String> {
    let start = format!("{name}\n");
    let at = message
        .windows(start.len())
        .position(|part| part == start.as_bytes())?;
    let (length, rest) = message[at + start.len()..].split_first_chunk::<8>()?;
    let value = rest.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    Some(String::from_utf8_lossy(value).into_owned())
}

#[test]
fn the_journal_receives_levels_and_paths_as_fields() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let socket = UnixDatagram::bind(folder.path().join("socket")).expect("a socket");
    socket
        .set_read_timeout(Some(PATIENCE))
        .expect("a time limit can be set");
    let mut up = Up::with(format!(
        "{}[[sink]]\ntype = \"stdout\"\n",
        site("http://127.0.0.1:1/")
    ));
    let folder = folder.path().to_str().expect("UTF-8");
    up.through(
        &[
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            WITH_JOURNAL,
            folder,
        ]
        .map(str::to_owned),
    )
    .env("UP_LOG", "info");
    let mut watch = up.start(["watch"]);
    let mut message = vec![0; 64 * 1024];
    let mut until = |text: &str| loop {
        let length = socket.recv(&mut message).expect("a message in time");
        let message = &message[..length];
        if field(message, "MESSAGE").is_some_and(|line| line.starts_with(text)) {
            return ["PRIORITY", "UP_PATH"].map(|name| field(message, name));
        }
    };
    until("up watch starts version=");
    let info = Some("6".to_owned());
    assert_eq!(
        until("verdict path=/Site/web from="),
        [info, Some("/Site/web".into())]
    );
    up.write("up.toml", "nonsense");
    assert_eq!(until("trouble: "), [Some("4".into()), None]);
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let lines = watch.err_rest();
    assert!(
        !lines.iter().any(|line| line.contains(" INFO ")),
        "no line of the log is there twice: {lines:?}"
    );
}
