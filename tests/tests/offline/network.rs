//! Two network namespaces: ours, with a default route, and the world, with hosts and a resolver.
//!
//! | address | in | what |
//! |---|---|---|
//! | 192.0.2.2/24 | ours | by 192.0.2.1 to everywhere |
//! | 10.9.9.2/24 | ours | the local network of 10.9.9.1 |
//! | 198.51.100.1, 203.0.113.1 | the world | two hosts that have nothing to do with each other |
//! | 198.18.0.1 | the world | the reference |
//! | 198.18.0.53 | the world | the resolver, which knows `two.example.net` |

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use up_tests::aloud::aloud;
use up_tests::daemon::{Daemon, program};
use up_tests::up::eventually;

const OURS: &[&str] = &[
    "link set lo up",
    "link add a0 type veth peer name b0 netns WORLD",
    "link add lan0 type veth peer name lan1 netns WORLD",
    "addr add 192.0.2.2/24 dev a0",
    "addr add 10.9.9.2/24 dev lan0",
    "link set a0 up",
    "link set lan0 up",
];
const WORLD: &[&str] = &[
    "link set lo up",
    "addr add 192.0.2.1/24 dev b0",
    "addr add 10.9.9.1/24 dev lan1",
    "link set b0 up",
    "link set lan1 up",
    "addr add 198.51.100.1/32 dev lo",
    "addr add 203.0.113.1/32 dev lo",
    "addr add 198.18.0.1/32 dev lo",
    "addr add 198.18.0.53/32 dev lo",
];

/// Both namespaces. When this is dropped, all processes in them are killed, and they disappear.
pub(super) struct NamespaceNetwork {
    resolver: Option<Daemon>,
    _web: [Daemon; 2],
    world: Daemon,
    ours: Daemon,
    dir: TempDir,
}

impl NamespaceNetwork {
    /// `None` if the system permits no namespaces, as in most containers, which is noted aloud.
    pub(super) fn start() -> Option<Self> {
        let own = ["--map-root-user", "--net", "--mount"];
        let permitted = Command::new("unshare").args(own).arg("true").output();
        let permitted = permitted.expect("unshare is there");
        if !permitted.status.success() {
            let why = String::from_utf8_lossy(&permitted.stderr);
            aloud(&format!(
                "no route is lost here: {}, so there is no network of its own; only references \
                 and sleep are shown",
                why.trim()
            ));
            return None;
        }
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut command = Command::new("unshare");
        command.args(own).args(["sleep", "infinity"]);
        let ours = Daemon::spawn("ours", &mut command, dir.path());
        eventually("our namespace is there", || is_ready(ours.pid()));
        let mut command = within(ours.pid(), true);
        command.args(["unshare", "--net", "sleep", "infinity"]);
        let world = Daemon::spawn("world", &mut command, dir.path());
        eventually("the world is there", || is_ready(world.pid()));
        for line in OURS {
            let line = line.replace("WORLD", &world.pid().to_string());
            run(&mut ip(ours.pid(), &line));
        }
        for line in WORLD {
            run(&mut ip(world.pid(), line));
        }
        let web = [
            nginx(dir.path(), "ours", ours.pid(), "127.0.0.1:8080"),
            nginx(dir.path(), "world", world.pid(), "0.0.0.0:80"),
        ];
        let mut network = Self {
            resolver: None,
            _web: web,
            world,
            ours,
            dir,
        };
        network.ours("route add default via 192.0.2.1");
        network.resolve();
        for (name, text) in [
            (
                "resolv.conf",
                "nameserver 198.18.0.53\noptions timeout:1 attempts:1\n",
            ),
            ("nsswitch.conf", "hosts: files dns\n"),
        ] {
            let file = network.dir.path().join(name);
            std::fs::write(&file, text).expect("a file in the new directory");
            let mut command = within(network.ours.pid(), true);
            command.args(["mount", "--bind"]).arg(file);
            run(command.arg(Path::new("/etc").join(name)));
        }
        Some(network)
    }

    /// A command line that runs a program in our namespace.
    pub(super) fn through(&self) -> Vec<String> {
        let command = within(self.ours.pid(), true);
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }

    /// Runs `ip` in our namespace.
    pub(super) fn ours(&self, line: &str) {
        run(&mut ip(self.ours.pid(), line));
    }

    /// Runs `ip` in the namespace of the world.
    pub(super) fn world(&self, line: &str) {
        run(&mut ip(self.world.pid(), line));
    }

    /// Starts the resolver.
    pub(super) fn resolve(&mut self) {
        let dir = self.dir.path();
        let text = format!(
            "server:\ndirectory: \"{}\"\nchroot: \"\"\nusername: \"\"\npidfile: \"\"\nuse-syslog: no\n\
             do-daemonize: no\nnum-threads: 1\nmodule-config: \"iterator\"\ndo-ip6: no\n\
             interface: 198.18.0.53\naccess-control: 0.0.0.0/0 allow\nlocal-zone: \".\" static\n\
             local-data: \"two.example.net. 1 A 203.0.113.1\"\nremote-control:\ncontrol-enable: no\n",
            dir.display()
        );
        let file = dir.join("unbound.conf");
        std::fs::write(&file, text).expect("a file in the new directory");
        let mut command = within(self.world.pid(), false);
        command.arg(program("unbound", &["/usr/sbin/unbound"]));
        command.args(["-d", "-p", "-c"]).arg(file);
        self.resolver = Some(Daemon::spawn("unbound", &mut command, dir));
    }

    /// Stops the resolver.
    pub(super) fn resolve_no_more(&mut self) {
        self.resolver = None;
    }
}

/// True if `unshare` has become `sleep`: its namespaces exist, and its users are mapped. Whoever
/// enters the namespaces before the users are mapped has no rights in them.
fn is_ready(pid: u32) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
    name.is_ok_and(|name| name.trim_end() == "sleep")
}

/// A command that runs in the namespaces of that process.
fn within(pid: u32, with_mounts: bool) -> Command {
    let mut command = Command::new("nsenter");
    let pid = pid.to_string();
    command.args([
        "--target",
        &pid,
        "--user",
        "--preserve-credentials",
        "--net",
    ]);
    if with_mounts {
        // It would otherwise run in the folder of the other process.
        command.args(["--mount", "--wd=."]);
    }
    command
}

fn ip(pid: u32, line: &str) -> Command {
    let mut command = within(pid, false);
    command.arg(program("ip", &["/usr/sbin/ip", "/sbin/ip"]));
    command.args(line.split(' '));
    command
}

fn run(command: &mut Command) {
    let output = command.output().expect("nsenter is there");
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn nginx(dir: &Path, name: &str, pid: u32, listen: &str) -> Daemon {
    let prefix = dir.join(name);
    std::fs::create_dir(&prefix).expect("a folder in the new directory");
    let text = format!(
        "user root;\ndaemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr warn;\nevents {{}}\n\
         http {{ access_log off; client_body_temp_path tmp; proxy_temp_path tmp;\n\
         fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;\n\
         server {{ listen {listen}; location / {{ return 200 fine; }} }} }}\n"
    );
    std::fs::write(prefix.join("nginx.conf"), text).expect("a file in the new directory");
    let mut command = within(pid, false);
    command.arg(program("nginx", &["/usr/sbin/nginx"]));
    command.args(["-e", "stderr", "-c", "nginx.conf", "-p"]);
    Daemon::spawn("nginx", command.arg(&prefix), dir)
}
