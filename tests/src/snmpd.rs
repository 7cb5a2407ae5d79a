//! A real snmpd (net-snmp) on a free UDP port, with users of every kind and a state of its own.

use std::env::join_paths;
use std::fmt::Write as _;
use std::net::UdpSocket;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::daemon::{Daemon, program};
use crate::port::Port;

/// The sysName of the agent.
pub const SYS_NAME: &str = "router.example";
/// The community that may read everything.
pub const COMMUNITY: &str = "public";
/// A community that may read nothing of the system group.
pub const BLIND_COMMUNITY: &str = "blind";

/// The OIDs below which the agent returns what it was told with [`Snmpd::set`], and nothing else:
/// a row of interfaces, of storage, a printer, and a UPS.
pub const TOLD: &[&str] = &[
    ".1.3.6.1.2.1.2.2.1.8.99",
    ".1.3.6.1.2.1.2.2.1.10.99",
    ".1.3.6.1.2.1.31.1.1.1.6.99",
    ".1.3.6.1.2.1.25.2.3.1.5.99",
    ".1.3.6.1.2.1.25.2.3.1.6.99",
    ".1.3.6.1.2.1.25.3.5.1.2.99",
    ".1.3.6.1.2.1.33",
];

/// The folder with the values it was told, a file for each object, and the script that returns
/// them.
const VALUES: &str = "say.d";
const SCRIPT: &str = "#!/bin/sh\n\
    [ \"$1\" = -g ] && [ -f \"$0.d/$2\" ] && echo \"$2\" && cat \"$0.d/$2\"\n";

/// A v3 user: the name, then `auth` and `privacy` with their names in up.toml and in snmpd. The
/// passwords are those of [`auth_password`] and [`privacy_password`].
#[derive(Clone, Copy, Debug)]
pub struct SnmpdUser {
    /// The user name.
    pub name: &'static str,
    /// The name in up.toml, and the name in snmpd.
    pub auth: Option<(&'static str, &'static str)>,
    /// The name in up.toml, and the name in snmpd.
    pub privacy: Option<(&'static str, &'static str)>,
}

const fn user(
    name: &'static str,
    auth: Option<(&'static str, &'static str)>,
    privacy: Option<(&'static str, &'static str)>,
) -> SnmpdUser {
    SnmpdUser {
        name,
        auth,
        privacy,
    }
}

/// One user of each kind. `AES-256-C` is the other way to extend the key of a short hash.
pub const USERS: &[SnmpdUser] = &[
    user("plain", None, None),
    user("md5", Some(("md5", "MD5")), None),
    user("sha1", Some(("sha1", "SHA")), None),
    user("sha224", Some(("sha224", "SHA-224")), None),
    user("sha256", Some(("sha256", "SHA-256")), None),
    user("sha384", Some(("sha384", "SHA-384")), None),
    user("sha512", Some(("sha512", "SHA-512")), None),
    user("md5-des", Some(("md5", "MD5")), Some(("des", "DES"))),
    user(
        "sha1-aes128",
        Some(("sha1", "SHA")),
        Some(("aes128", "AES")),
    ),
    user(
        "sha256-aes128",
        Some(("sha256", "SHA-256")),
        Some(("aes128", "AES")),
    ),
    user(
        "sha384-aes192",
        Some(("sha384", "SHA-384")),
        Some(("aes192", "AES-192")),
    ),
    user(
        "sha512-aes256",
        Some(("sha512", "SHA-512")),
        Some(("aes256", "AES-256")),
    ),
    user(
        "sha1-aes256",
        Some(("sha1", "SHA")),
        Some(("aes256", "AES-256")),
    ),
    user(
        "sha1-aes256-c",
        Some(("sha1", "SHA")),
        Some(("aes256", "AES-256-C")),
    ),
];

/// The authentication password of a user.
pub fn auth_password(user: &str) -> String {
    format!("authentication of {user}")
}

/// The privacy password of a user.
pub fn privacy_password(user: &str) -> String {
    format!("privacy of {user}")
}

/// An snmpd. When it is dropped, it is killed and its state is removed.
#[derive(Debug)]
pub struct Snmpd {
    // The first field, so that the process ends before its directory is removed.
    daemon: Daemon,
    port: Port,
    dir: TempDir,
}

impl Snmpd {
    /// Starts one, and waits until it answers.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let port = Port::claim();
        let daemon = spawn(&dir, &port);
        Self { daemon, port, dir }
    }

    /// Sets the value of an object. `oid` begins with a dot, and must be below one of [`TOLD`].
    /// `what` is a type and a value of snmpd's `pass`, as in `counter 5` (snmpd.conf(5)).
    pub fn set(&self, oid: &str, what: &str) {
        let (kind, value) = what.split_once(' ').expect("a type and a value");
        let folder = self.dir.path().join(VALUES);
        // Renamed in one step, so that no half of it is read.
        let draft = folder.join("draft");
        std::fs::write(&draft, format!("{kind}\n{value}\n")).expect("a file in the folder");
        std::fs::rename(draft, folder.join(oid)).expect("a file in the folder");
    }

    /// The UDP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port.number()
    }

    /// Ends the process (SIGTERM), and returns when its port refuses.
    pub fn stop(&mut self) {
        self.daemon.stop(Signal::TERM);
    }

    /// Restarts it on the same port with the same engine, which counts one more boot.
    pub fn start_again(&mut self) {
        assert!(!self.daemon.is_running(), "snmpd is still running");
        self.daemon = spawn(&self.dir, &self.port);
    }

    /// Restarts it on the same port with another engine, as if it were another machine.
    pub fn start_anew(&mut self) {
        assert!(!self.daemon.is_running(), "snmpd is still running");
        self.dir = tempfile::tempdir().expect("a temporary directory");
        self.start_again();
    }

    /// Stops the process (SIGSTOP): nothing is answered, nothing refused.
    pub fn freeze(&mut self) {
        self.daemon.freeze();
    }

    /// Continues the process (SIGCONT).
    pub fn thaw(&mut self) {
        self.daemon.thaw();
    }
}

fn spawn(dir: &TempDir, port: &Port) -> Daemon {
    let (settings, state) = (dir.path().join("settings"), dir.path().join("state"));
    for folder in [&settings, &state] {
        std::fs::create_dir_all(folder).expect("a folder in the new directory");
    }
    std::fs::create_dir_all(dir.path().join(VALUES)).expect("a folder in the new directory");
    let script = dir.path().join("say");
    std::fs::write(&script, SCRIPT).expect("a file in the new directory");
    let mut text = configuration(port);
    for oid in TOLD {
        // With a higher priority than the objects that snmpd has there itself.
        let _ = writeln!(text, "pass -p 1 {oid} /bin/sh {}", script.display());
    }
    std::fs::write(settings.join("snmpd.conf"), text).expect("a file in the new directory");
    let mut command = Command::new(program("snmpd", &["/usr/sbin/snmpd"]));
    command
        // In the foreground, as the user who runs the test, logging to stdout.
        .args(["-f", "-r", "-Lo", "-m", "", "-M", ""])
        // snmpd reads its state, which holds the engine's id and boots, only from the folder of its
        // settings.
        .env("SNMPCONFPATH", join_paths([&settings, &state]).expect("no colon in them"))
        .env("SNMP_PERSISTENT_DIR", state);
    let mut daemon = Daemon::spawn("snmpd", &mut command, dir.path());
    daemon.wait_ready(|| answers(port));
    daemon
}

fn configuration(port: &Port) -> String {
    let mut text = format!(
        "agentaddress udp:{}\n\
         sysName {SYS_NAME}\n\
         dontLogTCPWrappersConnects yes\n\
         rocommunity {COMMUNITY} 127.0.0.1\n\
         view interfaces included .1.3.6.1.2.1.2\n\
         rocommunity {BLIND_COMMUNITY} 127.0.0.1 -V interfaces\n",
        port.address()
    );
    for SnmpdUser {
        name,
        auth,
        privacy,
    } in USERS
    {
        let mut make = format!("createUser {name}");
        let mut level = "noauth";
        if let Some((_, word)) = auth {
            let _ = write!(make, " {word} \"{}\"", auth_password(name));
            level = "auth";
        }
        if let Some((_, word)) = privacy {
            let _ = write!(make, " {word} \"{}\"", privacy_password(name));
            level = "priv";
        }
        let _ = writeln!(text, "{make}\nrouser {name} {level}");
    }
    text
}

/// A v2c `GetRequest` for sysName.0 with the community `public` and the request id 1.
const QUESTION: &[u8] =
    b"\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x01\x02\x01\x00\x02\x01\
    \x00\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x05\x00\x05\x00";

fn answers(port: &Port) -> bool {
    let ask = || -> std::io::Result<usize> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.connect(port.address())?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        socket.send(QUESTION)?;
        socket.recv(&mut [0; 1500])
    };
    ask().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The engine's id and boots in the state.
    fn engine(snmpd: &Snmpd) -> (String, u32) {
        let state = snmpd.dir.path().join("state/snmpd.conf");
        let state = std::fs::read_to_string(state).unwrap();
        let word = |key: &str| {
            let line = state.lines().find_map(|line| line.strip_prefix(key));
            line.unwrap_or_else(|| panic!("no {key} in {state}"))
        };
        let boots = word("engineBoots ").parse().unwrap();
        (word("oldEngineID ").to_owned(), boots)
    }

    #[test]
    fn a_restart_keeps_the_engine_and_a_new_start_does_not() {
        let mut snmpd = Snmpd::start();
        let (id, boots) = engine(&snmpd);
        snmpd.stop();
        snmpd.start_again();
        assert_eq!(engine(&snmpd), (id.clone(), boots + 1));
        snmpd.stop();
        snmpd.start_anew();
        assert_ne!(engine(&snmpd).0, id);
    }
}
