//! Notices over restarts, and the output of `up alerts`.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::RestartSite;

#[test]
fn an_outage_is_told_once_however_often_up_is_started() {
    let mut site = RestartSite::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    let down = site.told();
    assert!(down.is("down", "/RestartSite/web"), "{down:?}");
    for signal in [Signal::TERM, Signal::KILL, Signal::KILL] {
        watch.end(signal);
        watch = site.watch();
    }
    // Any other notice would come before this one.
    site.witness.stop();
    let next = site.told();
    assert!(next.is("down", "/RestartSite/witness"), "{next:?}");
    site.delivered(2);
    watch.end(Signal::KILL);

    site.web.start_again();
    watch = site.watch();
    let back = site.told();
    assert!(back.is("recovered", "/RestartSite/web"), "{back:?}");
    assert_eq!(
        (back.id, &back.since),
        (down.id, &down.since),
        "it is that outage"
    );
    let words = ["it was DOWN when Up stopped at ", ", and up when asked at "];
    assert!(
        words.iter().all(|part| back.text.contains(part)),
        "{back:?}"
    );
    watch.end(Signal::TERM);

    watch = site.watch();
    site.witness.start_again();
    let over = site.told();
    assert!(over.is("recovered", "/RestartSite/witness"), "{over:?}");
    assert_eq!(over.id, next.id);
    assert!(
        !over.text.contains("when Up stopped"),
        "it was seen: {over:?}"
    );
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert!(site.hook.rest().is_empty(), "each was told once");
}

#[test]
fn killed_before_it_is_told_it_is_told_after() {
    let mut site = RestartSite::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    // The fall is believed by now, and in its group wait of a second.
    watch.out_until("/RestartSite/web: DOWN");
    watch.end(Signal::KILL);
    watch = site.watch();
    let down = site.told();
    assert!(down.is("down", "/RestartSite/web"), "{down:?}");
    site.web.start_again();
    let back = site.told();
    assert!(back.is("recovered", "/RestartSite/web"), "{back:?}");
    assert_eq!(back.id, down.id);
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert!(site.hook.rest().is_empty(), "each was told once");
}

#[test]
fn what_was_not_acknowledged_is_handed_over_again_under_the_same_id() {
    let mut site = RestartSite::start(&[""]);
    let mut watch = site.watch();
    site.web.stop();
    let down = site.told();
    assert!(down.is("down", "/RestartSite/web"), "{down:?}");
    // The notice was received, but Up got no receipt.
    watch.end(Signal::KILL);
    let waits = &site.alerts(&[])[0];
    assert_eq!(waits["sinks"][0]["state"], json!("waiting"), "{waits}");
    watch = site.watch();
    assert_eq!(site.told(), down, "whoever receives it twice can tell");
    site.delivered(1);
    watch.end(Signal::KILL);
    watch = site.watch();
    site.web.start_again();
    let back = site.told();
    assert!(back.is("recovered", "/RestartSite/web"), "{back:?}");
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert!(site.hook.rest().is_empty(), "no more than that");
}

#[test]
fn what_a_webhook_did_not_take_waits_for_the_next_start() {
    let mut site = RestartSite::start(&["503 Service Unavailable"; 2]);
    let mut watch = site.watch();
    site.web.stop();
    let down = site.told();
    watch.err_until("answered 503");
    // At the end it is sent once more, without success.
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert_eq!(site.told(), down);
    site.web.start_again();
    watch = site.watch();
    assert_eq!(site.told(), down, "what happened comes in its order");
    let back = site.told();
    assert!(back.is("recovered", "/RestartSite/web"), "{back:?}");
    assert_eq!(back.id, down.id);
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn another_file_keeps_what_is_unchanged_and_withdraws_the_rest() {
    let mut site = RestartSite::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    let web = site.told();
    site.witness.stop();
    let witness = site.told();
    assert_eq!(watch.end(Signal::TERM), Some(0));
    site.up.write("up.toml", site.config(&["witness"]));
    watch = site.watch();
    let gone = site.told();
    assert!(gone.is("withdrawn", "/RestartSite/web"), "{gone:?}");
    assert_eq!(gone.id, web.id);
    site.witness.start_again();
    let back = site.told();
    assert!(back.is("recovered", "/RestartSite/witness"), "{back:?}");
    assert_eq!(back.id, witness.id);
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn what_was_told_is_listed_while_up_runs_and_after() {
    let mut site = RestartSite::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    let down = site.told();
    site.witness.stop();
    site.told();
    site.web.start_again();
    site.told();
    site.delivered(3);
    let running = site.up.run(["alerts"]).out;
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert_eq!(site.up.run(["alerts"]).out, running, "it is the same store");

    let told = site.alerts(&[]);
    let of = |key: &str| {
        told.iter()
            .map(|alert| alert[key].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("kind"), ["recovered", "down", "down"], "newest first");
    assert_eq!(
        of("path"),
        [
            "/RestartSite/web",
            "/RestartSite/witness",
            "/RestartSite/web"
        ]
    );
    let web = &told[2];
    assert_eq!(web["id"], json!(down.id));
    assert_eq!(web["ended"]["kind"], json!("recovered"));
    assert_eq!(web["ended"], told[0]["ended"]);
    assert_eq!(web["sources"][0]["cause"]["code"], json!("refused"));
    assert_eq!(told[1]["ended"], Value::Null, "it goes on");
    let sink = web["sinks"][0]["sink"].as_str().expect("a name");
    assert!(sink.starts_with("webhook http://127.0.0.1"), "{sink}");
    assert!(!running.contains("s3cr3t"), "{running}");

    let lines: Vec<&str> = running.lines().collect();
    assert!(
        lines[0].contains(" recovered: web: UP again after "),
        "{running}"
    );
    let says = |part: &str| lines.iter().any(|line| line.contains(part));
    for part in [
        " down: witness: DOWN",
        "    /RestartSite/witness: DOWN — connection refused",
        ", goes on",
        ", recovered ",
        ": delivered ",
    ] {
        assert!(says(part), "{part:?} in {running}");
    }
    assert_eq!(site.alerts(&["/RestartSite/web"]).len(), 2);
    assert_eq!(site.alerts(&["/RestartSite"]).len(), 3);
    assert_eq!(site.alerts(&["/RestartSite/we"]).len(), 0);
    assert_eq!(site.alerts(&["--since", "2099-01-01"]).len(), 0);
    let missing = site.up.run(["-c", "nowhere.toml", "alerts"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    for wrong in [["alerts", "web"], ["alerts", "--since=soon"]] {
        assert_eq!(site.up.run(wrong).code, Some(2), "{wrong:?}");
    }
}
