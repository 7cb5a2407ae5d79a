//! A real Secret Service (gnome-keyring) on the session bus of a test.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;
use zbus::zvariant::OwnedObjectPath;

use crate::daemon::{Daemon, program};
use crate::desktop::bus::Bus;
use crate::desktop::eventually;

const SERVICE: &str = "org.freedesktop.secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// A session bus with a keyring on it. Both are killed when it is dropped.
#[derive(Debug)]
pub struct KeyringDaemon {
    daemon: Daemon,
    bus: Bus,
    dir: TempDir,
}

impl KeyringDaemon {
    /// Starts an empty, unlocked keyring.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let run = dir.path().join("run");
        std::fs::create_dir(&run).expect("a folder");
        let mine = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&run, mine).expect("the folder is ours");
        std::fs::write(dir.path().join("password"), "the keyring's own").expect("a file");
        let bus = Bus::start(dir.path()).await;
        // The password comes over standard input, and `exec` keeps the process id.
        let script = "exec \"$0\" --foreground --components=secrets --unlock \
                      --control-directory=run <password";
        let mut command = at_home(Path::new("sh"), dir.path(), &bus);
        command
            .args(["-c", script])
            .arg(program("gnome-keyring-daemon", &[]));
        let daemon = Daemon::spawn("gnome-keyring", &mut command, dir.path());
        let mut keyring = Self { daemon, bus, dir };
        eventually("a keyring on the bus", async || {
            assert!(
                keyring.daemon.is_running(),
                "it ended at its start\n{}",
                keyring.daemon.log()
            );
            keyring.bus.has(SERVICE).await.then_some(())
        })
        .await;
        keyring
    }

    /// The address of the bus.
    pub fn bus_address(&self) -> &str {
        self.bus.address()
    }

    /// Stores a secret, with the command that the reference manual names.
    pub fn store(&self, name: &str, secret: &str) {
        let mut command = at_home(&program("secret-tool", &[]), self.dir.path(), &self.bus);
        command.args(["store", "--label=Up", "service", "up", "username", name]);
        let mut storing = command
            .stdin(Stdio::piped())
            .spawn()
            .expect("secret-tool can be run");
        let mut input = storing.stdin.take().expect("a pipe was asked for");
        input.write_all(secret.as_bytes()).expect("it reads");
        drop(input);
        let stored = storing.wait().expect("it can be waited for");
        assert!(stored.success(), "{stored}\n{}", self.daemon.log());
    }

    /// Locks the keyring. There is nobody to ask for its password.
    pub async fn lock(&self) {
        let locked = self
            .bus
            .connection()
            .call_method(
                Some(SERVICE),
                "/org/freedesktop/secrets",
                Some("org.freedesktop.Secret.Service"),
                "Lock",
                &vec![OwnedObjectPath::try_from(COLLECTION).expect("a path")],
            )
            .await
            .expect("an answer of the keyring");
        let (locked, _prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) = locked
            .body()
            .deserialize()
            .expect("what the method returns");
        assert_eq!(locked.len(), 1, "the collection is locked now");
    }

    /// Stops the process, so that it answers nothing.
    pub fn freeze(&mut self) {
        self.daemon.freeze();
    }

    /// Ends the keyring. The bus stays.
    pub fn stop(&mut self) {
        self.daemon.kill9();
    }
}

/// A command without the environment of the person who runs the test, which may lead to a real
/// keyring.
fn at_home(program: &Path, dir: &Path, bus: &Bus) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("HOME", dir)
        .env("XDG_DATA_HOME", dir.join("data"))
        .env("XDG_RUNTIME_DIR", dir.join("run"))
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .current_dir(dir);
    command
}
