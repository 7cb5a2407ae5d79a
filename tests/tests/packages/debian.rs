//! Installation, upgrade, removal and purge in a Debian of its own, made by debootstrap.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use up_tests::privilege::as_root;

use super::{BEFORE, VERSION, find, output, packages, packages_before};

/// What the system itself writes during an installation.
const SYSTEM: [&str; 6] = [
    "/var/lib/dpkg/",
    "/var/lib/rpm/",
    "/var/lib/systemd/deb-systemd-helper",
    "/var/log/",
    "/var/cache/",
    "/tmp/",
];

/// A system with nothing but the base of Debian and systemd. One test at a time has it.
pub(crate) struct System {
    root: PathBuf,
    _turn: MutexGuard<'static, ()>,
}

impl System {
    /// A new system.
    pub(crate) fn new() -> Self {
        Self::unpacked(base())
    }

    /// The system that is in this archive.
    pub(crate) fn unpacked(archive: &Path) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("system");
        output(as_root(Path::new("rm")).arg("-rf").arg(&root));
        output(as_root(Path::new("mkdir")).arg(&root));
        output(
            as_root(Path::new("tar"))
                .arg("-xf")
                .arg(archive)
                .arg("-C")
                .arg(&root),
        );
        Self { root, _turn: turn }
    }

    /// Its root folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Runs a script of the shell in it.
    pub(crate) fn run(&self, script: &str) -> String {
        let mut chroot = as_root(Path::new("chroot"));
        let path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
        output(chroot.arg(&self.root).args([
            "env",
            "-i",
            path,
            "LC_ALL=C.UTF-8",
            "sh",
            "-ec",
            script,
        ]))
    }

    /// Installs the `up` of that folder.
    pub(crate) fn install(&self, folder: &Path) {
        let deb = find(folder, "up_", ".deb");
        output(
            as_root(Path::new("cp"))
                .arg(deb)
                .arg(self.root.join("tmp/up.deb")),
        );
        self.run("dpkg --install /tmp/up.deb && rm /tmp/up.deb");
    }

    /// All paths that do not belong to the system's own books.
    pub(crate) fn paths(&self) -> BTreeSet<String> {
        let text = self.run("find / -xdev");
        let all = text.lines().map(str::to_owned);
        all.filter(|path| !SYSTEM.iter().any(|own| path.starts_with(own)))
            .collect()
    }

    /// The users.
    pub(crate) fn users(&self) -> BTreeSet<String> {
        self.run("cut -d: -f1 /etc/passwd")
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // Nothing is mounted in it. What is left is removed by the next run.
        let _ = as_root(Path::new("rm")).arg("-rf").arg(&self.root).status();
    }
}

/// An archive of the base system, which is made once.
fn base() -> &'static Path {
    static BASE: OnceLock<PathBuf> = OnceLock::new();
    BASE.get_or_init(|| {
        let release = std::fs::read_to_string("/etc/os-release").expect("a name");
        let suite = release
            .lines()
            .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
            .expect("a Debian or a derivative");
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let base = tmp.join(format!("{suite}.tar"));
        if base.exists() {
            return base;
        }
        let folder = tmp.join("debootstrap");
        output(as_root(Path::new("rm")).arg("-rf").arg(&folder));
        // The desktops of Ubuntu are in a component of their own.
        let is_ubuntu = release.lines().any(|line| line == "ID=ubuntu");
        let components = if is_ubuntu { "main,universe" } else { "main" };
        output(
            as_root(Path::new("debootstrap"))
                .arg(format!("--components={components}"))
                .args(["--variant=minbase", "--include=systemd", suite])
                .arg(&folder),
        );
        output(
            as_root(Path::new("rm"))
                .arg("-rf")
                .arg(folder.join("var/cache/apt/archives")),
        );
        archive(&folder, &base);
        output(as_root(Path::new("rm")).arg("-rf").arg(&folder));
        base
    })
}

/// Writes what is in this folder to an archive.
pub(crate) fn archive(folder: &Path, archive: &Path) {
    let half = archive.with_extension("half");
    output(
        as_root(Path::new("tar"))
            .args(["--create", "--file"])
            .arg(&half)
            .arg("--directory")
            .arg(folder)
            .arg("."),
    );
    // A run that was ended in between leaves no half of it.
    output(as_root(Path::new("mv")).arg(&half).arg(archive));
}

/// Writes a configuration, checks it once, and records a sample and a control, as the user of the
/// service. Returns what the check prints.
pub(crate) fn use_it(system: &System) -> String {
    system.run(
        "printf 'name = \"Site\"\n[[source]]\ntype = \"command\"\nname = \"a\"\ncommand = \
         [\"true\"]\n' >/etc/up/up.toml\n\
         install -d -m 700 -o up -g up /var/lib/up\n\
         export UP_DATA_DIR=/var/lib/up UP_CONFIG=/etc/up/up.toml\n\
         as_up() { setpriv --reuid=up --regid=up --clear-groups \"$@\"; }\n\
         as_up up -v\n\
         printf 'date,status,path\n%s,1,/Site/a\n' $(date +%s) >/tmp/samples\n\
         as_up up history import - </tmp/samples >/dev/null\n\
         as_up up pause /Site/a >/dev/null",
    )
}

/// The samples and the controls that are there.
pub(crate) fn kept(system: &System) -> String {
    let kept = system.run(
        "export UP_DATA_DIR=/var/lib/up UP_CONFIG=/etc/up/up.toml\n\
         setpriv --reuid=up --regid=up --clear-groups up history paths\n\
         setpriv --reuid=up --regid=up --clear-groups up controls",
    );
    for part in ["/Site/a", "pause"] {
        assert!(kept.contains(part), "{part} in {kept}");
    }
    kept
}

#[test]
fn it_is_installed_used_upgraded_removed_and_purged() {
    let system = System::new();
    let version = format!("up {VERSION}\n");
    system.install(packages_before());
    assert_eq!(system.run("up --version"), version);
    assert!(
        system
            .run("dpkg --status up")
            .contains(&format!("Version: {BEFORE}\n"))
    );
    let used = use_it(&system);
    assert!(
        used.starts_with("Site: UP ")
            && used.contains(
                "
    a: UP "
            ),
        "{used}"
    );
    let state = kept(&system);
    system.run("systemctl enable up-system");

    system.install(packages());
    assert!(
        system
            .run("dpkg --status up")
            .contains(&format!("Version: {VERSION}\n"))
    );
    assert_eq!(
        system.run("dpkg --verify up"),
        "",
        "every file is as it was packed"
    );
    assert_eq!(kept(&system), state, "its history and controls are kept");
    let wanted = "/etc/systemd/system/multi-user.target.wants/up-system.service";
    assert!(system.paths().contains(wanted), "it is enabled as before");

    system.run("dpkg --remove up");
    let left = system.paths();
    assert!(
        !left.contains("/usr/bin/up") && !left.contains(wanted),
        "{left:?}"
    );
    system.run("dpkg --purge up");
    let left = system.paths();
    assert!(
        left.contains("/etc/up/up.toml"),
        "the configuration belongs to people"
    );
    assert!(
        left.iter().any(|path| path.starts_with("/var/lib/up/")),
        "so does the history"
    );
    assert!(system.users().contains("up"), "its owner is still known");
}

#[test]
fn nothing_is_left_after_a_purge_without_data() {
    let system = System::new();
    let (paths, users) = (system.paths(), system.users());
    system.install(packages());
    assert!(system.users().contains("up"), "the service has a user");
    let user = system.run("getent passwd up");
    assert!(user.contains(":/var/lib/up:"), "{user}");
    assert!(system.paths().contains("/usr/share/man/man1/up-watch.1.gz"));
    system.run("dpkg --purge up");
    // The system keeps a backup of its lists of users.
    let is_backup = |path: &&String| path.starts_with("/etc/") && path.ends_with('-');
    let now = system.paths();
    let left: Vec<_> = now
        .difference(&paths)
        .filter(|path| !is_backup(path))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(system.users(), users);
}
