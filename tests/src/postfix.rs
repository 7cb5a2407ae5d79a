//! A real Postfix on a free port, with STARTTLS. Only its SMTP server runs, and no mail is
//! delivered. Postfix must be started by root.

use std::fmt::Write as _;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::daemon::{Daemon, program};
use crate::port::Port;
use crate::privilege::as_root;

/// A Postfix. When it is dropped, it is ended and its files are removed.
#[derive(Debug)]
pub struct Postfix {
    // The first field, so that the process ends before its directory is removed.
    daemon: Daemon,
    port: Port,
    _dir: TempDir,
}

/// Where Debian keeps the programs that only Postfix starts.
const DAEMONS: &str = "/usr/lib/postfix/sbin";

/// The lines of `main.cf` that depend neither on the directory nor on TLS.
const MAIN: &str = "compatibility_level = 3.6
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
smtpd_peername_lookup = no
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
";

impl Postfix {
    /// Starts one with this certificate, or without TLS, and waits until it accepts connections.
    pub fn start(pair: Option<&(String, String)>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let port = Port::claim();
        // Its parts run as another user.
        let open = |path: &Path| {
            std::fs::set_permissions(path, Permissions::from_mode(0o755)).expect("it is ours");
        };
        open(dir.path());
        let write = |name: &str, text: &str| {
            std::fs::write(dir.path().join(name), text).expect("a file in the new directory");
        };
        let at = dir.path().display();
        let mut main = format!(
            "{MAIN}queue_directory = {at}/queue\ndata_directory = {at}/data\n\
             maillog_file_prefixes = {at}\nmaillog_file = {at}/mail.log\n"
        );
        if let Some((certificate, key)) = pair {
            write("server.pem", &format!("{key}{certificate}"));
            let _ = writeln!(main, "smtpd_tls_security_level = may");
            let _ = writeln!(main, "smtpd_tls_chain_files = {at}/server.pem");
        }
        write("main.cf", &main);
        let smtp = format!("127.0.0.1:{}", port.number());
        write(
            "master.cf",
            &format!(
                "{smtp} inet n - n - - smtpd\n\
                 tlsmgr unix - - n 1000? 1 tlsmgr\n\
                 rewrite unix - - n - - trivial-rewrite\n\
                 anvil unix - - n - 1 anvil\n\
                 postlog unix-dgram n - n - 1 postlogd\n"
            ),
        );
        std::fs::create_dir(dir.path().join("queue")).expect("a folder in the new directory");
        let mut check = as_root(&program("postfix", &["/usr/sbin/postfix"]));
        let checked = check.arg("-c").arg(dir.path()).arg("check").output();
        let checked = checked.expect("postfix can be started");
        assert!(checked.status.success(), "{check:?}: {checked:?}");
        let mut command = as_root(&Path::new(DAEMONS).join("master"));
        command.arg("-d").arg("-c").arg(dir.path());
        let mut daemon = Daemon::spawn("postfix", &mut command, dir.path());
        daemon.wait_for_tcp(port.address());
        Self {
            daemon,
            port,
            _dir: dir,
        }
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port.number()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // Ends it in order, so that it ends its parts.
        if !std::thread::panicking() {
            self.daemon.stop(Signal::TERM);
        }
    }
}
