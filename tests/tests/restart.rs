//! `up watch`, ended and killed and started again, with a webhook as the witness: what was told is
//! not repeated, and nothing is forgotten.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::{Value, json};
use up_tests::hook::{Hook, Post};
use up_tests::nginx::Nginx;
use up_tests::up::{Running, Up, eventually};

const HEAD: &str = "name = \"Site\"\nagent = \"tester\"\ninterval = \"1s\"\ntimeout = \"2s\"\n\
                    [alert]\nretry = \"200ms\"\ngroup_within = \"1s\"\n";

fn http(name: &str, url: &str) -> String {
    format!("[[source]]\ntype = \"http\"\nname = {name:?}\nurl = {url:?}\n")
}

fn webhook(hook: &Hook) -> String {
    format!(
        "[[sink]]\ntype = \"webhook\"\nurl = {:?}\nsecret = \"k3y\"\n",
        hook.url()
    )
}

/// Two sources, `web` and `witness`, each with a server of its own, more that are always up, so that
/// they are no outage of the whole, and a webhook.
struct Site {
    web: Nginx,
    witness: Nginx,
    steady: Nginx,
    hook: Hook,
    up: Up,
}

impl Site {
    fn start(answers: &[&'static str]) -> Self {
        let (web, witness, hook) = (Nginx::start(), Nginx::start(), Hook::start(answers));
        let up = Up::new();
        let site = Self {
            web,
            witness,
            steady: Nginx::start(),
            hook,
            up,
        };
        site.up.write("up.toml", site.config(&["web", "witness"]));
        site
    }

    fn config(&self, sources: &[&str]) -> String {
        let source = |name: &&str| {
            let server = if *name == "web" {
                &self.web
            } else {
                &self.witness
            };
            http(name, &server.url("/ok"))
        };
        let steady = ["x", "y", "z"].map(|name| http(name, &self.steady.url("/ok")));
        let sources: String = sources.iter().map(source).chain(steady).collect();
        format!("{HEAD}{sources}{}", webhook(&self.hook))
    }

    /// Starts it, and waits until everything was asked.
    fn watch(&self) -> Running {
        let watch = self.up.start(["watch", "-v"]);
        watch.out_until("Site: ");
        watch
    }

    /// What it was told next.
    fn told(&self) -> Told {
        Told::of(&self.hook.next())
    }

    /// What was told, as `up alerts` has it.
    fn alerts(&self, args: &[&str]) -> Vec<Value> {
        let text = self.up.run([&["alerts", "--json"], args].concat()).out;
        let document: Value = serde_json::from_str(&text).expect("JSON");
        document["alerts"].as_array().expect("a list").clone()
    }

    /// Waits until that many notices are known to be delivered.
    fn delivered(&self, number: usize) {
        eventually(&format!("{number} are acknowledged"), || {
            let alerts = self.alerts(&[]);
            let states = alerts.iter().map(|alert| &alert["sinks"][0]["state"]);
            states.filter(|state| **state == json!("delivered")).count() == number
        });
    }

    /// The only state that there is.
    fn state(&self) -> PathBuf {
        let files = fs::read_dir(self.up.data().join("state")).expect("there is a state");
        let mut files = files.map(|file| file.expect("a file").path());
        let is_state = |file: &PathBuf| file.extension().is_some_and(|end| end == "db");
        files.find(is_state).expect("there is a state")
    }
}

/// A notice as the webhook was told it.
#[derive(Debug, PartialEq)]
struct Told {
    kind: String,
    path: String,
    id: u64,
    since: Value,
    text: String,
    /// By which whoever receives it twice can tell.
    unique: String,
}

impl Told {
    fn of(post: &Post) -> Self {
        let notice: Value = serde_json::from_str(&post.body).expect("JSON");
        let text = |key: &str| notice[key].as_str().expect("a text").to_owned();
        Self {
            kind: text("kind"),
            path: text("path"),
            id: notice["id"].as_u64().expect("a number"),
            since: notice["since"].clone(),
            text: text("text"),
            unique: post.headers["webhook-id"].clone(),
        }
    }

    fn is(&self, kind: &str, path: &str) -> bool {
        (&*self.kind, &*self.path) == (kind, path)
    }
}

#[test]
fn an_outage_is_told_once_however_often_up_is_started() {
    let mut site = Site::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    let down = site.told();
    assert!(down.is("down", "/Site/web"), "{down:?}");
    for signal in [Signal::TERM, Signal::KILL, Signal::KILL] {
        watch.end(signal);
        watch = site.watch();
    }
    // Whatever else would have been told comes before this.
    site.witness.stop();
    let next = site.told();
    assert!(next.is("down", "/Site/witness"), "{next:?}");
    site.delivered(2);
    watch.end(Signal::KILL);

    site.web.start_again();
    watch = site.watch();
    let back = site.told();
    assert!(back.is("recovered", "/Site/web"), "{back:?}");
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
    assert!(over.is("recovered", "/Site/witness"), "{over:?}");
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
    let mut site = Site::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    // It is believed by now, and gathered for a second.
    watch.out_until("/Site/web: DOWN");
    watch.end(Signal::KILL);
    watch = site.watch();
    let down = site.told();
    assert!(down.is("down", "/Site/web"), "{down:?}");
    site.web.start_again();
    let back = site.told();
    assert!(back.is("recovered", "/Site/web"), "{back:?}");
    assert_eq!(back.id, down.id);
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert!(site.hook.rest().is_empty(), "each was told once");
}

#[test]
fn what_was_not_acknowledged_is_handed_over_again_under_the_same_id() {
    let mut site = Site::start(&[""]);
    let mut watch = site.watch();
    site.web.stop();
    let down = site.told();
    assert!(down.is("down", "/Site/web"), "{down:?}");
    // It was received, and Up was not told so.
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
    assert!(back.is("recovered", "/Site/web"), "{back:?}");
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert!(site.hook.rest().is_empty(), "no more than that");
}

#[test]
fn what_a_webhook_did_not_take_waits_for_the_next_start() {
    let mut site = Site::start(&["503 Service Unavailable"; 2]);
    let mut watch = site.watch();
    site.web.stop();
    let down = site.told();
    watch.err_until("answered 503");
    // At the end it is offered once more, in vain.
    assert_eq!(watch.end(Signal::TERM), Some(0));
    assert_eq!(site.told(), down);
    site.web.start_again();
    watch = site.watch();
    assert_eq!(site.told(), down, "what happened comes in its order");
    let back = site.told();
    assert!(back.is("recovered", "/Site/web"), "{back:?}");
    assert_eq!(back.id, down.id);
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn another_file_keeps_what_is_unchanged_and_withdraws_the_rest() {
    let mut site = Site::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    let web = site.told();
    site.witness.stop();
    let witness = site.told();
    assert_eq!(watch.end(Signal::TERM), Some(0));
    site.up.write("up.toml", site.config(&["witness"]));
    watch = site.watch();
    let gone = site.told();
    assert!(gone.is("withdrawn", "/Site/web"), "{gone:?}");
    assert_eq!(gone.id, web.id);
    site.witness.start_again();
    let back = site.told();
    assert!(back.is("recovered", "/Site/witness"), "{back:?}");
    assert_eq!(back.id, witness.id);
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn a_damaged_state_is_set_aside_and_said() {
    let mut site = Site::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    let down = site.told();
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let state = site.state();
    fs::write(&state, "no state at all").expect("it can be damaged");
    watch = site.up.start(["watch"]);
    let said = watch.err_until("set aside");
    let aside = state.with_extension("damaged.db");
    assert!(said.contains(&aside.display().to_string()), "{said}");
    let kept = fs::read_to_string(&aside).expect("it is set aside");
    assert_eq!(kept, "no state at all");
    let again = site.told();
    assert!(again.is("down", "/Site/web"), "{again:?}");
    assert_ne!(again.id, down.id, "it is not known to be the same");
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn one_watch_keeps_the_state_of_a_configuration() {
    let mut site = Site::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    site.told();
    let mut second = site.up.start(["watch"]);
    second.err_until("another Up runs with this configuration");
    assert_eq!(second.end(Signal::TERM), Some(0));
    // Another file is another watch, in the same folder.
    site.up.write("other.toml", site.config(&["witness"]));
    let mut other = site.up.start(["-c", "other.toml", "watch", "-v"]);
    other.out_until("Site: ");
    let listed = site.up.run(["-c", "other.toml", "alerts"]);
    assert!(
        listed.out.starts_with("nothing was told since "),
        "{listed:?}"
    );
    assert_eq!(other.end(Signal::TERM), Some(0));
    assert_eq!(site.alerts(&[]).len(), 1);
    assert_eq!(watch.end(Signal::TERM), Some(0));
    let said = other.err_now().join("\n");
    assert!(!said.contains("another Up"), "{said}");
}

#[test]
fn a_check_neither_reads_nor_writes_a_state() {
    let site = Site::start(&[]);
    assert_eq!(site.up.run(["-v"]).code, Some(0));
    assert!(!site.up.data().join("state").exists());
}

#[test]
fn a_quiet_watch_writes_nothing_and_no_secret_is_kept() {
    let mut site = Site::start(&[]);
    let mut watch = site.watch();
    site.web.stop();
    site.told();
    site.web.start_again();
    site.told();
    site.delivered(2);
    let files = || -> Vec<(PathBuf, Vec<u8>)> {
        let files = fs::read_dir(site.up.data().join("state")).expect("there is a state");
        let files = files.map(|file| file.expect("a file").path());
        // What readers do to the index of the log is no writing.
        let files = files.filter(|file| file.extension().is_none_or(|end| end != "db-shm"));
        let mut files: Vec<_> = files
            .map(|file| (file.clone(), fs::read(file).expect("it can be read")))
            .collect();
        files.sort();
        files
    };
    // The samples after a turn still count for flapping, and are written.
    let samples = || {
        let text = site.up.run(["history", "/Site/witness", "--json"]).out;
        let document: Value = serde_json::from_str(&text).expect("JSON");
        document["samples"].as_array().map_or(0, Vec::len)
    };
    let asked = |more: usize| {
        let enough = samples() + more;
        eventually("it was asked so often", || samples() >= enough);
    };
    asked(24);
    let before = files();
    asked(5);
    assert!(
        files() == before,
        "nothing has changed, and nothing is written"
    );
    for (file, bytes) in before {
        for secret in ["s3cr3t", "k3y"] {
            let is_there = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!is_there, "{secret} is in {}", file.display());
        }
    }
    assert_eq!(watch.end(Signal::TERM), Some(0));
}

#[test]
fn what_was_told_is_listed_while_up_runs_and_after() {
    let mut site = Site::start(&[]);
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
    assert_eq!(of("path"), ["/Site/web", "/Site/witness", "/Site/web"]);
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
        "    connection refused",
        "    /Site/witness",
        ", goes on",
        ", recovered ",
        ": delivered ",
    ] {
        assert!(says(part), "{part:?} in {running}");
    }
    assert_eq!(site.alerts(&["/Site/web"]).len(), 2);
    assert_eq!(site.alerts(&["/Site"]).len(), 3);
    assert_eq!(site.alerts(&["/Site/we"]).len(), 0);
    assert_eq!(site.alerts(&["--since", "2099-01-01"]).len(), 0);
    for wrong in [["alerts", "web"], ["alerts", "--since=soon"]] {
        assert_eq!(site.up.run(wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn without_a_place_for_its_state_it_tells_all_the_same() {
    let mut site = Site::start(&[]);
    fs::create_dir_all(site.up.data()).expect("a folder");
    fs::write(site.up.data().join("state"), "in the way").expect("a file");
    let mut watch = site.up.start(["watch"]);
    watch.err_until("what was told: ");
    eventually("it has asked", || {
        !site
            .up
            .run(["history", "/Site/web", "--json"])
            .out
            .contains("\"samples\":[]")
    });
    site.web.stop();
    assert!(site.told().is("down", "/Site/web"));
    assert_eq!(watch.end(Signal::TERM), Some(0));
}
