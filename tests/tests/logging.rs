//! The log: off by default, only about what Up does, bounded, readable by its owner only, and
//! without secrets.

use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;
use up_tests::hook::Hook;
use up_tests::nginx::Nginx;
use up_tests::up::{Up, eventually};

/// The text in every place that may hold a secret.
const SECRET: &str = "xqzvkwhg";

fn text(up: &Up, name: &str) -> String {
    std::fs::read_to_string(up.dir().join(name)).unwrap_or_default()
}

#[test]
fn a_log_file_tells_what_happened_to_its_owner_alone() {
    let mut nginx = Nginx::start();
    let hook = Hook::start(&[]);
    let up = Up::with(format!(
        "name = \"Site\"\ninterval = \"1s\"\n[alert]\nretry = \"200ms\"\ngroup_within = \"1s\"\n\
         [[source]]\ntype = \"http\"\nname = \"web\"\nurl = {:?}\n\
         [[sink]]\ntype = \"stdout\"\n[[sink]]\ntype = \"webhook\"\nurl = {:?}\n",
        nginx.url("/ok"),
        hook.url()
    ));
    let mut watch = up.start(["watch", "--log-file", "up.log"]);
    watch.out_until("Site: UP");
    nginx.stop();
    hook.next();
    up.write("up.toml", "name = \"Site\"\ninterval = 7\n");
    watch.err_until("up.toml:2");
    eventually("what is wrong is logged", || {
        text(&up, "up.log").contains("WARN up_engine::health")
    });
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let log = text(&up, "up.log");
    for part in [
        " INFO up::watch: up watch starts",
        " INFO up_engine::run::log: configuration loaded sources=1 sinks=2",
        " INFO up_engine::run::log: verdict path=\"/Site/web\" from=At(Up) to=At(Down)",
        " INFO up_engine::run::log: notice id=",
        " INFO up_sink::delivery_queue: notice delivered sink=\"webhook\"",
        " INFO up_engine::run::close: stopping",
    ] {
        assert!(log.contains(part), "no {part:?} in\n{log}");
    }
    assert!(!log.contains("s3cr3t"), "{log}");
    assert!(
        !log.contains(" TRACE ") && !log.contains(" DEBUG "),
        "info unless asked\n{log}"
    );
    let mode = std::fs::metadata(up.dir().join("up.log"))
        .expect("it is there")
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[test]
fn it_is_off_unless_asked_for() {
    let up = Up::with(
        "name = \"x\"\n[[source]]\ntype = \"command\"\nname = \"a\"\ncommand = [\"true\"]\n",
    );
    assert_eq!(up.run(["-v"]).err, "");
    let asked = up.run_with(&[("UP_LOG", "debug")], ["-v"]);
    assert_eq!(asked.code, Some(0));
    assert!(
        asked
            .err
            .contains(" DEBUG up_config::load: reading the configuration"),
        "{asked:?}"
    );
    assert_eq!(up.run_with(&[("UP_LOG", "off")], ["-v"]).err, "");
}

#[test]
fn what_cannot_be_logged_so_ends_with_2_and_polls_nothing() {
    let up = Up::with(
        "name = \"x\"\n[[source]]\ntype = \"command\"\nname = \"a\"\ncommand = [\"touch\", \"asked\"]\n",
    );
    let check = |level: &str, args: &[&str], part: &str| {
        let refused = up.run_with(&[("UP_LOG", level)], args);
        assert_eq!((refused.code, &*refused.out), (Some(2), ""), "{refused:?}");
        assert!(refused.err.contains(part), "{refused:?}");
        assert!(!up.dir().join("asked").exists(), "nothing is polled");
    };
    check(
        "loud",
        &["watch"],
        "UP_LOG: \"loud\" is no level\nhelp: write a level",
    );
    check(
        "hyper=trace",
        &["watch"],
        "UP_LOG: \"hyper\" is no part of Up that is logged",
    );
    check(
        "info",
        &["watch", "--log-file", "no/such/folder"],
        "cannot be written to as a log",
    );
    check("", &["--log-file", "."], "cannot be written to as a log");
}

/// With everything logged, no part of a secret is logged: neither of those in the configuration,
/// nor of those that peers are sent.
#[test]
fn no_secret_is_logged() {
    let nginx = Nginx::start();
    let hook = Hook::start(&[]);
    let url = nginx.url("/ok");
    let host = url
        .trim_start_matches("http://")
        .trim_end_matches("/ok")
        .to_owned();
    let config = format!(
        r#"name = "Site"
interval = "1s"
timeout = "1s"
[alert]
retry = "100ms"
group_within = "1s"
[network]
reference = ["http://user:{SECRET}@{host}/ok?key={SECRET}"]
[[source]]
type = "http"
name = "web"
url = "http://{host}/no-such-page?token={SECRET}"
headers = {{ "X-Token" = "{SECRET}" }}
username = "up"
password = "{SECRET}"
[[source]]
type = "http"
name = "nowhere"
url = "http://up:{SECRET}@127.0.0.1:1/?token={SECRET}"
[[source]]
type = "snmp"
name = "router"
host = "127.0.0.1"
port = 1
community = "{SECRET}"
[[source]]
type = "command"
name = "command"
command = ["/bin/sh", "-c", "exit 2"]
env = {{ TOKEN = "{SECRET}" }}
[[sink]]
type = "stdout"
[[sink]]
type = "webhook"
url = "http://{hook_host}/{SECRET}?key={SECRET}"
secret = "{SECRET}"
headers = {{ "X-Token" = "{SECRET}" }}
[[sink]]
type = "webhook"
url = "http://127.0.0.1:1/{SECRET}?key={SECRET}"
[[sink]]
type = "command"
command = ["/bin/sh", "-c", "exit 3", "--token={SECRET}"]
[[sink]]
type = "mongo"
uri = "mongodb://up:{SECRET}@127.0.0.1:1/?authSource=admin"
"#,
        hook_host = hook
            .url()
            .trim_start_matches("http://")
            .split('/')
            .next()
            .expect("a host"),
    );
    let mut up = Up::with(&config);
    up.env("UP_LOG", "trace");
    let mut watch = up.start(["watch", "--log-file", "up.log"]);
    hook.next();
    // A mistake beside a secret is reported without it, and a name that does not exist is looked
    // up.
    up.write("up.toml", config.replace("community", "comunity"));
    watch.err_until("up.toml:");
    up.write("up.toml", &config);
    eventually("what is wrong with sinks and database is logged", || {
        let log = text(&up, "up.log");
        let all = ["kind=Sink", "kind=Mongo", "sink=\"command\""];
        all.iter().all(|part| log.contains(part))
    });
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let log = text(&up, "up.log");
    assert!(
        log.contains(" TRACE up_engine::run::log: checked path="),
        "{log}"
    );
    assert!(!log.contains(SECRET), "{log}");
    let own = [
        "up::",
        "up_config",
        "up_engine",
        "up_sink",
        "up_source",
        "up_history",
        "up_core",
    ];
    for line in log.lines() {
        let target = line.split_whitespace().nth(2).unwrap_or_default();
        assert!(
            own.iter().any(|own| target.starts_with(own)),
            "of Up's own: {line}"
        );
    }
}
