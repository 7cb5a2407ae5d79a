//! The units of the package under a systemd that runs: they start with their secrets, are reloaded,
//! watched and stopped, and the journal has their log.

use up_tests::up::eventually;

use super::container::Container;
use super::debian::System;
use super::{VERSION, packages, packages_before};

/// A configuration with a secret from the service manager. Nothing listens where its source asks.
const SITE: &str = "name = \"Site\"\n[alert]\ndown_after = 1\n[[source]]\ntype = \"http\"\nname = \
                    \"web\"\nurl = \"http://127.0.0.1:1/\"\ntoken = { credential = \"shop\" }\n";
const SECRET: &str = "hunter2";
/// What a unit says if it lacks that secret.
const WITHOUT_SECRET: &str = "`LoadCredential=shop:/etc/up/shop` in the unit gives it";

/// A unit, how its manager and its messages are reached, and where its files are.
struct ServiceUnit<'a> {
    container: &'a Container,
    name: &'static str,
    /// The start of a command that runs as the user of the manager.
    as_user: &'static str,
    systemctl: &'static str,
    /// The option of journalctl that chooses its messages.
    journal: &'static str,
    config: &'static str,
    secret: &'static str,
    drop_ins: &'static str,
    /// The start of a command that runs as the service, and finds its history but not the
    /// configuration, whose secret only the service has.
    as_service: &'static str,
}

impl ServiceUnit<'_> {
    /// The command of systemctl for the unit.
    fn systemctl(&self, command: &str) -> String {
        let Self {
            as_user, systemctl, ..
        } = self;
        format!("{as_user} {systemctl} {command}")
    }

    /// Has systemd do that to the unit, which must succeed.
    fn control(&self, command: &str) {
        let command = format!("{command} {}", self.name);
        self.container.run(&self.systemctl(&command));
    }

    /// A property of the unit.
    fn property(&self, name: &str) -> String {
        let show = format!("show --value --property={name} {}", self.name);
        let value = self.container.run(&self.systemctl(&show));
        value.trim().to_owned()
    }

    /// The messages about the unit whose fields match.
    fn messages(&self, fields: &str) -> String {
        let journal = self.journal;
        let read = format!("journalctl --quiet --output=cat {journal} {fields}");
        self.container.run(&read)
    }

    /// Writes a file of the unit, which its user can read.
    fn write(&self, path: &str, text: &str) {
        let Self { as_user, .. } = self;
        let write = "mkdir -p \"$(dirname \"$0\")\"; printf %s \"$1\" >\"$0\"";
        self.container
            .run(&format!("{as_user} sh -ec '{write}' '{path}' '{text}'"));
    }

    /// Without its secret, the unit does not start, and the journal says why.
    fn misses_its_secret(&self) {
        self.write(self.config, SITE);
        let start = self.systemctl(&format!("start {}", self.name));
        assert!(
            !self.container.succeeds(&start),
            "{} has no secret",
            self.name
        );
        eventually("the journal says why", || {
            self.messages("").contains(WITHOUT_SECRET)
        });
        let line = format!("LoadCredential=shop:{}", self.secret);
        let settings = format!("[Service]\n{line}\nWatchdogSec=3\nRestartSec=0\n");
        self.write(self.secret, SECRET);
        self.container.run(&format!("chmod 600 {}", self.secret));
        self.write(&format!("{}/test.conf", self.drop_ins), &settings);
        self.container.run(&self.systemctl("daemon-reload"));
    }

    /// The unit is active once it watches, and the journal has fields for levels and paths.
    fn starts(&self) {
        self.control("start");
        assert_eq!(self.property("ActiveState"), "active");
        let status = self.property("StatusText");
        assert!(status.starts_with("Watching 1 source"), "{status}");
        eventually("the journal has the verdict", || {
            let verdicts = self.messages("PRIORITY=6 UP_PATH=/Site/web");
            verdicts.contains("verdict path=/Site/web from=")
        });
        let paths = format!("{} up history paths", self.as_service);
        eventually("its history has the sample", || {
            self.container.run(&paths).contains("/Site/web")
        });
    }

    /// A reload is over when the configuration was read, and a mistake in it is a warning.
    fn reloads(&self) {
        self.control("reload");
        self.write(self.config, "nonsense");
        self.control("reload");
        eventually("the journal has the warning", || {
            self.messages("PRIORITY=4").contains("trouble: ")
        });
        self.write(self.config, SITE);
        self.control("reload");
        assert_eq!(self.property("ActiveState"), "active");
    }

    /// systemd starts it anew when it stands still.
    fn is_watched(&self) {
        let pid = self.property("MainPID");
        self.container.run(&format!("kill -STOP {pid}"));
        eventually("systemd starts another process", || {
            self.property("ActiveState") == "active" && self.property("MainPID") != pid
        });
        let messages = self.messages("");
        assert!(messages.contains("Watchdog timeout"), "{messages}");
    }

    /// It stops cleanly, and its secret was never logged.
    fn stops(&self) {
        self.control("stop");
        assert_eq!(self.property("ActiveState"), "inactive");
        assert_eq!(self.property("Result"), "success");
        let all = self.container.run("journalctl --quiet --output=verbose");
        assert!(all.contains("stopping") && !all.contains(SECRET), "{all}");
    }
}

#[test]
fn the_unit_of_the_system_runs_under_systemd() {
    let system = System::new();
    system.install(packages_before());
    let container = Container::boot(system);
    let unit = ServiceUnit {
        container: &container,
        name: "up-system",
        as_user: "",
        systemctl: "systemctl",
        journal: "--unit=up-system",
        config: "/etc/up/up.toml",
        secret: "/etc/up/shop",
        drop_ins: "/etc/systemd/system/up-system.service.d",
        as_service: "UP_DATA_DIR=/var/lib/up setpriv --reuid=up --regid=up --clear-groups",
    };
    unit.misses_its_secret();
    unit.starts();
    unit.reloads();
    unit.is_watched();

    let before = unit.property("MainPID");
    container.install(packages(), "up");
    assert_eq!(container.run("up --version"), format!("up {VERSION}\n"));
    assert_eq!(unit.property("ActiveState"), "active");
    let pid = unit.property("MainPID");
    assert_ne!(pid, before, "the new program runs after an upgrade");

    unit.stops();
    unit.control("start");
    container.run("dpkg --purge up");
    let left = container.run(&format!("test ! -e /proc/{pid}; ls /var/lib/up"));
    assert!(left.contains("history.db"), "{left}");
    assert_eq!(unit.property("ActiveState"), "inactive");
}

/// A person's systemd, which starts without a login. The system has no bus and no logind.
const MANAGER: &str = "useradd --create-home ann
     install -d /run/user; install -d -m 700 -o ann -g ann /run/user/ann
     systemd-run --quiet --unit=manager --property=Type=notify --property=Delegate=yes \\
     --property=User=ann --setenv=HOME=/home/ann --setenv=XDG_RUNTIME_DIR=/run/user/ann \\
     /lib/systemd/systemd --user";

#[test]
fn the_unit_of_one_user_runs_under_systemd() {
    let system = System::new();
    system.install(packages());
    let container = Container::boot(system);
    container.run(MANAGER);
    let unit = ServiceUnit {
        container: &container,
        name: "up",
        as_user: "setpriv --reuid=ann --regid=ann --init-groups env HOME=/home/ann \
                  XDG_RUNTIME_DIR=/run/user/ann",
        systemctl: "systemctl --user",
        journal: "--unit=manager",
        config: "/home/ann/.config/up/up.toml",
        secret: "/home/ann/.config/up/shop",
        drop_ins: "/home/ann/.config/systemd/user/up.service.d",
        as_service: "UP_DATA_DIR=/home/ann/.local/share/up HOME=/ \
                     setpriv --reuid=ann --regid=ann --init-groups",
    };
    unit.misses_its_secret();
    unit.starts();
    unit.reloads();
    unit.is_watched();
    unit.stops();
}
