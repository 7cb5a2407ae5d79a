//! Snooze, acknowledge, pause and mute: requested by one process, obeyed by another, and kept for
//! the next.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;
use up_tests::up::{RunOutcome, Up, eventually};

/// Two sources that leave a trace when they are checked, and a sink that records notices. `a` is
/// down while the file `broken` exists.
const SITE: &str = r#"
name = "Site"
interval = "1s"
[alert]
retry = "100ms"
group_within = "1s"
[[source]]
type = "command"
name = "a"
command = ["/bin/sh", "-c", "echo $WHO >> asked-a; test ! -e broken || exit 2"]
[[source]]
type = "tree"
name = "t"
[[source.source]]
type = "command"
name = "b"
command = ["/bin/sh", "-c", "echo $WHO >> asked-b"]
[[sink]]
type = "stdout"
[[sink]]
type = "command"
command = ["/bin/sh", "-c", "tr -d '\n' >> told; echo >> told"]
"#;

fn text(up: &Up, name: &str) -> String {
    std::fs::read_to_string(up.dir().join(name)).unwrap_or_default()
}

/// How often that source was checked by the process `who`.
fn asked(up: &Up, source: &str, who: &str) -> usize {
    let text = text(up, &format!("asked-{source}"));
    text.lines().filter(|line| *line == who).count()
}

/// Waits until the other source was checked a few more times.
fn a_while(up: &Up, who: &str) {
    let before = asked(up, "b", who);
    eventually("b is asked on", || asked(up, "b", who) >= before + 3);
}

/// The kinds of the notices that were sent.
fn told(up: &Up) -> Vec<String> {
    let kind = |line: &str| {
        let notice: Value = serde_json::from_str(line).expect("a notice is JSON");
        notice["kind"].as_str().expect("it has a kind").to_owned()
    };
    text(up, "told").lines().map(kind).collect()
}

fn done(outcome: &RunOutcome, sentence: &str) {
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.out.starts_with(sentence), "{outcome:?}");
    assert_eq!(outcome.err, "");
}

fn refused(outcome: &RunOutcome, sentence: &str) {
    assert_eq!((outcome.code, &*outcome.out), (Some(2), ""), "{outcome:?}");
    assert!(outcome.err.contains(sentence), "{outcome:?}");
}

fn site(who: &str) -> Up {
    let mut up = Up::with(SITE);
    up.env("WHO", who);
    up
}

#[test]
fn what_is_paused_is_not_asked_nor_after_a_restart() {
    let up = site("one");
    let mut watch = up.start(["watch"]);
    watch.out_until("Site: UP");
    done(&up.run(["pause", "/Site/a"]), "/Site/a is paused: ");
    // One check may have been under way.
    a_while(&up, "one");
    let before = asked(&up, "a", "one");
    a_while(&up, "one");
    assert_eq!(asked(&up, "a", "one"), before, "it is asked no more");
    assert_eq!(watch.end(Signal::TERM), Some(0));

    let _watch = up.start(["watch"]);
    a_while(&up, "one");
    assert_eq!(asked(&up, "a", "one"), before, "nor after a restart");
    refused(&up.run(["pause", "/Site/a"]), "is paused already");
    done(&up.run(["resume", "/Site/a"]), "/Site/a is resumed: ");
    eventually("a is asked again", || asked(&up, "a", "one") > before);
    refused(&up.run(["resume", "/Site/a"]), "/Site/a is not paused");
}

#[test]
fn what_is_paused_is_not_asked_after_the_configuration_changed() {
    let up = site("one");
    let watch = up.start(["watch"]);
    watch.out_until("Site: UP");
    done(&up.run(["pause", "/Site/a"]), "/Site/a is paused: ");
    a_while(&up, "one");
    let before = asked(&up, "a", "one");
    // Nothing else happens to the engine until the new source has answered.
    done(&up.run(["pause", "/Site/t"]), "/Site/t is paused: ");
    let slow = r#"
[[source]]
type = "command"
name = "c"
command = ["/bin/sh", "-c", "sleep 3; echo $WHO >> asked-c"]
"#;
    up.write("up.toml", [SITE, slow].concat());
    eventually("the new source has answered", || asked(&up, "c", "one") > 0);
    assert_eq!(asked(&up, "a", "one"), before, "it is asked no more");
}

#[test]
fn a_snooze_holds_back_and_an_acknowledgement_ends_with_the_outage() {
    let mut up = site("one");
    up.env("LOGNAME", "anna");
    let watch = up.start(["watch"]);
    watch.out_until("Site: UP");
    refused(&up.run(["ack", "/Site/a"]), "nothing to acknowledge");
    done(
        &up.run(["snooze", "/Site/a", "1h"]),
        "/Site/a is snoozed until ",
    );
    up.write("broken", "");
    watch.out_until("/Site/a: DOWN");
    a_while(&up, "one");
    assert_eq!(told(&up), [""; 0], "nothing is told of what is snoozed");
    done(
        &up.run(["snooze", "--off", "/Site/a"]),
        "/Site/a is not snoozed any more.",
    );
    eventually("it is told now", || told(&up) == ["down"]);

    let ack = up.run(["ack", "/Site/a", "--note", "disk is full"]);
    done(&ack, "/Site/a is acknowledged: ");
    let listed = up.run(["controls"]).out;
    assert!(listed.contains("/Site/a: acknowledged at "), "{listed}");
    assert!(listed.contains(" — disk is full"), "{listed}");
    watch.out_until("note: a acknowledged: disk is full");
    std::fs::remove_file(up.dir().join("broken")).expect("it is there");
    eventually("its end is told", || told(&up) == ["down", "recovered"]);
    eventually("nothing is acknowledged any more", || {
        up.run(["controls"]).out.starts_with("nothing is ")
    });
    let history = up.run(["history", "/Site/a", "--json"]).out;
    let history: Value = serde_json::from_str(&history).expect("JSON");
    assert_eq!(
        history["notes"][0]["message"],
        "a acknowledged: disk is full"
    );
    became_of_the_incident(&up);
}

/// The list of incidents says who was told and that it was known, long after both.
fn became_of_the_incident(up: &Up) {
    let listed = || up.run(["history", "incidents", "/Site/a"]).out;
    eventually("the recovery has been delivered", || {
        listed().contains("    recovery told ")
    });
    let text = listed();
    for part in [
        "    told ",
        "    acknowledged ",
        " by anna@",
        ": disk is full",
    ] {
        assert!(text.contains(part), "{part:?} is missing: {text}");
    }
    let json = up.run(["history", "incidents", "/Site/a", "--json"]).out;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let incident = &json["incidents"][0];
    assert_eq!(incident["acknowledged"]["note"], "disk is full", "{json}");
    let by = incident["acknowledged"]["by"].as_str();
    assert!(by.is_some_and(|by| by.starts_with("anna@")), "{json}");
    let table = up.run(["history", "incidents", "/Site/a", "--csv"]).out;
    assert!(table.contains(",anna@"), "{table}");
    assert!(table.contains(",disk is full,"), "{table}");
    let found = |text| up.run(["history", "incidents", "--text", text]).out;
    assert_eq!(
        found("Anna@"),
        listed(),
        "who acknowledged is looked through"
    );
    assert_eq!(found("nobody@"), "");
    for (what, after) in [("told", "from"), ("recovery_told", "until")] {
        let sinks = incident[what]["sinks"].as_array().expect("sinks");
        assert_eq!(sinks.len(), 1, "{json}");
        assert!(incident[what]["date"].as_f64() >= incident[after].as_f64());
    }
}

#[test]
fn two_at_once_share_what_is_asked_and_the_second_takes_over() {
    let mut up = site("one");
    let first = up.start(["watch"]);
    eventually("the first asks", || asked(&up, "b", "one") > 0);
    up.env("WHO", "two");
    let mut second = up.start(["watch"]);
    eventually("the second asks", || asked(&up, "b", "two") > 0);
    done(&up.run(["pause", "/Site/a"]), "/Site/a is paused: ");
    let asks = || (asked(&up, "a", "one"), asked(&up, "a", "two"));
    let both_a_while = || {
        a_while(&up, "one");
        a_while(&up, "two");
    };
    eventually("neither asks it", || {
        let before = asks();
        both_a_while();
        asks() == before
    });
    // When it is killed, the first process leaves its socket behind.
    drop(first);
    let socket = up.data().join("control.sock");
    eventually("the second listens", || {
        UnixStream::connect(&socket).is_ok()
    });
    let before = asked(&up, "a", "two");
    done(&up.run(["resume", "/Site/a"]), "/Site/a is resumed: ");
    eventually("the second asks it", || asked(&up, "a", "two") > before);
    assert_eq!(second.end(Signal::TERM), Some(0));
}

#[test]
fn what_is_at_the_socket_is_its_owners_and_harms_nothing() {
    let up = site("one");
    let mut watch = up.start(["watch"]);
    watch.out_until("Site: UP");
    let socket = up.data().join("control.sock");
    eventually("it listens", || UnixStream::connect(&socket).is_ok());
    let mode = |path: &Path| {
        let metadata = std::fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&socket), 0o600);
    let say = |bytes: &[u8]| {
        let mut peer = UnixStream::connect(&socket).expect("it listens");
        // It may close before it has read everything.
        let _ = peer.write_all(bytes);
        let mut answer = String::new();
        let _ = peer.read_to_string(&mut answer);
        answer
    };
    let check = |bytes: &[u8], expected: &str| {
        let answer = say(bytes);
        assert!(answer.contains(expected), "{answer:?} to {bytes:.40?}");
    };
    check(b"\n", "\"refused\"");
    check(b"GET / HTTP/1.1\r\n\r\n", "\"refused\"");
    check(b"{\"ask\":\"control\"}\n", "\"refused\"");
    check(&[0xff, 0, 0x80, b'\n'], "\"refused\"");
    check(
        b"{\"ask\":\"control\",\"control\":{\"do\":\"pause\",\"path\":\"/Other\"}}\n",
        "\"unknown\"",
    );
    check(
        b"{\"ask\":\"control\",\"control\":{\"do\":\"snooze\",\"path\":\"/Site\",\"until\":1e300}}\n",
        "\"refused\"",
    );
    assert_eq!(say(&vec![b'['; 300 * 1024]), "", "too long: hung up on");
    // A silent client must not delay others.
    let silent: Vec<UnixStream> = (0..10)
        .map(|_| UnixStream::connect(&socket).expect("it listens"))
        .collect();
    done(&up.run(["pause", "/Site/a"]), "/Site/a is paused: ");
    drop(silent);
    assert_eq!(mode(&up.data().join("controls.json")), 0o600);
    assert_eq!(watch.end(Signal::TERM), Some(0), "it goes on as before");
}

#[test]
fn it_works_with_nothing_running() {
    let up = site("one");
    up.write("broken", "");
    done(&up.run(["pause", "/Site/t"]), "/Site/t is paused: ");
    done(
        &up.run(["snooze", "/Site/a", "tomorrow"]),
        "/Site/a is snoozed until tomorrow 09:00",
    );
    done(
        &up.run(["mute"]),
        "Everything is muted until you say otherwise.",
    );
    done(&up.run(["unmute"]), "Nothing is muted any more.");
    refused(&up.run(["unmute"]), "nothing is muted");
    refused(&up.run(["resume", "/Site/t/b"]), "because /Site/t is");
    refused(&up.run(["pause", "/Site/T"]), "did you mean /Site/t?");
    refused(&up.run(["pause", "b"]), "did you mean /Site/t/b?");
    refused(
        &up.run(["snooze", "/Site/a", "soon"]),
        "\"soon\" is not a time",
    );
    refused(&up.run(["snooze", "/Site/a", "2020-01-01"]), "over already");
    let listed = up.run(["controls"]).out;
    assert!(
        listed.contains("/Site/a: snoozed until tomorrow 09:00\n"),
        "{listed}"
    );
    assert!(listed.contains("/Site/t: paused since "), "{listed}");

    let checked: Value = serde_json::from_str(&up.run(["--json"]).out).expect("JSON");
    let (a, t) = (
        &checked["root"]["children"][0],
        &checked["root"]["children"][1],
    );
    assert_eq!((&a["hold"], &a["word"]), (&Value::Null, &"DOWN".into()));
    assert_eq!((&t["hold"], &t["status"]), (&"paused".into(), &Value::Null));
    assert_eq!(t["children"][0]["hold"], "paused");
    assert_eq!(asked(&up, "b", "one"), 0, "what is paused is not asked");
    done(&up.run(["pause", "/Site/a"]), "/Site/a is paused: ");
    assert_eq!(up.run([""; 0]).code, Some(0), "what is held is not down");
}

#[test]
fn what_a_busy_up_may_have_done_is_no_mistake() {
    let up = site("one");
    done(&up.run(["pause", "/Site/a"]), "/Site/a is paused: ");
    refused(&up.run(["pause", "/Site/a"]), "is paused already");
    // It takes the request and never answers.
    let _busy = UnixListener::bind(up.data().join("control.sock")).expect("a socket");
    done(&up.run(["pause", "/Site/a"]), "/Site/a is paused: ");
}

#[test]
fn many_at_once_lose_nothing() {
    let up = site("one");
    let paths = ["/Site/a", "/Site/t", "/Site/t/b", "/Site"];
    std::thread::scope(|scope| {
        for path in paths {
            scope.spawn(|| done(&up.run(["snooze", path]), path));
        }
    });
    let listed = up.run(["controls"]).out;
    for path in paths {
        assert!(
            listed.contains(&format!("{path}: snoozed until ")),
            "{listed}"
        );
    }
}

#[test]
fn under_maintenance_it_is_asked_and_held() {
    let window = "[[maintenance]]\npaths = [\"/Site/a\"]\nfrom = \"2020-01-01 00:00\"\n\
                  until = \"2090-01-01 00:00\"\n";
    let mut up = Up::with([SITE, window].concat());
    up.env("WHO", "one").write("broken", "");
    let outcome = up.run(["--json"]);
    assert_eq!(
        outcome.code,
        Some(0),
        "what is held is not down: {outcome:?}"
    );
    let checked: Value = serde_json::from_str(&outcome.out).expect("JSON");
    let a = &checked["root"]["children"][0];
    assert_eq!(
        (&a["hold"], &a["status"]),
        (&"maintenance".into(), &Value::Null)
    );
    assert_eq!(asked(&up, "a", "one"), 1);
    let listed = up.run(["controls"]).out;
    assert!(
        listed.contains("/Site/a: under maintenance until 2090"),
        "{listed}"
    );
}
