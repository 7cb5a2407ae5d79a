//! Sleep and wake-up, reported by a login1 on a bus of the test.

use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use up_tests::daemon::{Daemon, program};
use up_tests::nginx::Nginx;
use up_tests::up::{Up, eventually};
use zbus::Connection;

use super::{downs, samples};

const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>ADDRESS</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#;

/// Reports that the system goes to sleep or woke up.
async fn say(login: &Connection, going: bool) {
    let path = "/org/freedesktop/login1";
    let interface = "org.freedesktop.login1.Manager";
    let said = login.emit_signal(None::<&str>, path, interface, "PrepareForSleep", &(going));
    said.await.expect("the bus takes it");
}

/// Waits, because the test checks that nothing happens.
async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_waking_nothing_is_judged_until_all_had_time() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let socket = dir.path().join("bus");
    let address = format!("unix:path={}", socket.display());
    let file = dir.path().join("bus.conf");
    std::fs::write(&file, BUS.replace("ADDRESS", &address)).expect("the bus's configuration");
    let mut command = Command::new(program("dbus-daemon", &[]));
    command.args(["--nofork", "--nopidfile", "--config-file"]);
    let mut bus = Daemon::spawn("dbus-daemon", command.arg(file), dir.path());
    bus.wait_ready(|| UnixStream::connect(&socket).is_ok());
    let builder = zbus::connection::Builder::address(address.as_str()).expect("an address");
    let login = builder.name("org.freedesktop.login1").expect("a name");
    let login = login.build().await.expect("a connection to the bus");

    let mut nginx = Nginx::start();
    let mut up = Up::with(format!(
        "name = \"Site\"\ninterval = \"1s\"\ntimeout = \"1s\"\n[alert]\nretry = \"200ms\"\n\
         [[source]]\ntype = \"http\"\nname = \"web\"\nurl = {:?}\n",
        nginx.url("/ok")
    ));
    up.env("DBUS_SYSTEM_BUS_ADDRESS", &address);
    let mut watch = up.start(["watch"]);
    watch.out_until("Site: UP");
    // Whether the signal was received shows only in the absence of samples.
    let count = || samples(&up, "/Site/web").len();
    let mut quiet = false;
    for _ in 0..20 {
        say(&login, true).await;
        // Checks that were under way still yield results.
        pass(3).await;
        let before = count();
        pass(6).await;
        if count() == before {
            quiet = true;
            break;
        }
    }
    assert!(quiet, "asleep, it scores nothing");
    let asleep = count();
    nginx.stop();
    say(&login, false).await;
    pass(10).await;
    assert_eq!(count(), asleep, "just awake, it scores nothing either");
    nginx.start_again();
    eventually("it goes on when the quiet is over", || count() > asleep + 1);
    assert_eq!(downs(&up, "/Site/web"), 0, "the time asleep is a gap");
    let told = watch.out_now();
    assert!(told.iter().all(|line| !line.contains("DOWN")), "{told:#?}");
    nginx.stop();
    watch.out_until("/Site/web: DOWN");
    assert_eq!(watch.end(Signal::TERM), Some(0));
}
