//! A real unbound on free ports: a resolver that verifies DNSSEC signatures, and serves zones of
//! its own over UDP, TCP, TLS and HTTPS.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::daemon::{Daemon, program};
use crate::hostile::tls::Authority;
use crate::port::Port;

/// An unbound. When it is dropped, it is killed and its files are removed.
///
/// | zone | signatures |
/// | --- | --- |
/// | `up.example` | right, and to be verified |
/// | `plain.example` | none |
/// | `bogus.example` | to be verified, and wrong |
///
/// In each, `www` is 192.0.2.1 and 192.0.2.7, `@` has an MX record, and nothing else but SOA and NS
/// is there.
#[derive(Debug)]
pub struct Unbound {
    // The first field, so that the process ends before its directory is removed.
    _daemon: Daemon,
    ports: [Port; 3],
    authority: Authority,
    _dir: TempDir,
}

impl Unbound {
    /// Starts one, and waits until it answers.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let authority = Authority::new();
        let ports = [Port::claim(), Port::claim(), Port::claim()];
        let [plain, tls, https] = ports.each_ref().map(Port::number);
        let (certificate, key) = authority.pair(&["127.0.0.1"]);
        write(dir.path(), "server.pem", &certificate);
        write(dir.path(), "server.key", &key);
        let more = format!(
            "interface: 127.0.0.1@{plain}\ninterface: 127.0.0.1@{tls}\ninterface: 127.0.0.1@{https}\n\
             tls-port: {tls}\nhttps-port: {https}\n\
             tls-service-pem: server.pem\ntls-service-key: server.key\n"
        );
        let mut command = command(dir.path(), &more);
        let mut daemon = Daemon::spawn("unbound", &mut command, dir.path());
        for port in &ports {
            daemon.wait_for_tcp(port.address());
        }
        Self {
            _daemon: daemon,
            ports,
            authority,
            _dir: dir,
        }
    }

    /// The address for UDP and TCP, in the form of the key `resolver`.
    pub fn plain(&self) -> String {
        self.ports[0].address().to_string()
    }

    /// The address for TLS.
    pub fn tls(&self) -> String {
        self.ports[1].address().to_string()
    }

    /// The URL for HTTPS.
    pub fn https(&self) -> String {
        format!("https://{}/dns-query", self.ports[2].address())
    }

    /// The certificate of its authority, as PEM.
    pub fn pem(&self) -> &str {
        self.authority.pem()
    }
}

/// The command that runs an unbound in `dir`, with the zones above and additional lines in
/// `server`. Writes its configuration and zones there.
pub fn command(dir: &Path, more: &str) -> Command {
    let mut zones = String::new();
    for (name, signed) in [("up", true), ("plain", false), ("bogus", true)] {
        let origin = format!("{name}.example");
        write(dir, &origin, &zone(&origin));
        let mut file = origin.clone();
        if signed {
            file = sign(dir, &origin);
            let _ = writeln!(zones, "trust-anchor-file: \"dsset-{origin}.\"");
        }
        if name == "bogus" {
            let signed = std::fs::read_to_string(dir.join(&file)).expect("it was just signed");
            write(dir, &file, &signed.replace("192.0.2.7", "192.0.2.8"));
        }
        let _ = writeln!(
            zones,
            "auth-zone:\nname: \"{origin}\"\nzonefile: \"{file}\"\nfor-downstream: no\n\
             for-upstream: yes\nserver:"
        );
    }
    let text = format!(
        "server:\ndirectory: \"{}\"\nchroot: \"\"\nusername: \"\"\npidfile: \"\"\n\
         use-syslog: no\ndo-daemonize: no\nnum-threads: 1\nmodule-config: \"validator iterator\"\n\
         access-control: 127.0.0.0/8 allow\naccess-control: ::1 allow\n{more}{zones}\
         remote-control:\ncontrol-enable: no\n",
        dir.display()
    );
    write(dir, "unbound.conf", &text);
    let mut command = Command::new(unbound());
    command
        .args(["-d", "-p", "-c"])
        .arg(dir.join("unbound.conf"));
    command
}

/// The path of the program.
pub fn unbound() -> PathBuf {
    program("unbound", &["/usr/sbin/unbound"])
}

fn zone(origin: &str) -> String {
    format!(
        "$ORIGIN {origin}.\n$TTL 300\n\
         @ IN SOA ns admin 1 7200 3600 1209600 3600\n@ IN NS ns\n@ IN MX 10 mail\n\
         ns IN A 127.0.0.1\nwww IN A 192.0.2.1\nwww IN A 192.0.2.7\n"
    )
}

/// Signs a zone with a key of its own, and returns the name of the signed file.
fn sign(dir: &Path, origin: &str) -> String {
    let run = |name: &str, arguments: &[&str]| {
        let mut command = Command::new(program(name, &[]));
        let output = command.current_dir(dir).args(arguments).output();
        let output = output.unwrap_or_else(|e| panic!("cannot start {name}: {e}"));
        assert!(output.status.success(), "{name}: {output:?}");
    };
    let file = format!("{origin}.signed");
    run(
        "dnssec-keygen",
        &["-q", "-a", "ECDSAP256SHA256", "-f", "KSK", origin],
    );
    run(
        "dnssec-signzone",
        &["-q", "-S", "-z", "-o", origin, "-f", &file, origin],
    );
    file
}

fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).expect("a file in the new directory");
}
