//! Agents fall silent, the MongoDB is cut off, and the viewer tells each once.

use rustix::process::Signal;
use serde_json::Value as Json;
use up_tests::hook::Hook;
use up_tests::mongod::Mongod;
use up_tests::up::eventually;

use crate::site::{agent, viewer, word};

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_one_tree_and_a_silent_agent_one_notice() {
    let mut mongod = Mongod::start();
    let (flagged, _b) = agent(&mongod.uri(), "b");
    let (restarted, mut a) = agent(&mongod.uri(), "a");
    let (_site, _c) = agent(&mongod.uri(), "c");
    let hook = Hook::start(&[]);
    let webhook = format!("[[sink]]\ntype = \"webhook\"\nurl = {:?}", hook.url());
    // A viewer that writes to the same MongoDB must not read what it wrote.
    let sink = format!("[[sink]]\ntype = \"mongo\"\nuri = {:?}", mongod.uri());
    let viewer = viewer(&mongod.uri(), &format!("{webhook}\n{sink}"));
    for path in ["a/Site/steady", "b/Site/flag", "c/Site/flag"] {
        eventually(path, || {
            word(&viewer, &format!("/Desk/Fleet/{path}")).as_deref() == Some("UP")
        });
    }
    let watch = viewer.start(["watch"]);
    watch.out_until("Desk: ");

    // A source of one agent falls, and recovers.
    std::fs::remove_file(flagged.dir().join("flag")).expect("the file is there");
    let line = watch.out_until("/Desk/Fleet/b/Site/flag: ");
    assert!(line.contains(": DOWN — the command"), "{line}");
    assert!(hook.next().body.contains("/Desk/Fleet/b/Site/flag"));
    flagged.write("flag", "");
    watch.out_until("/Desk/Fleet/b/Site/flag: UP");
    assert!(hook.next().body.contains("\"recovered\""));

    // An agent is killed: one line, one notice.
    a.end(Signal::KILL);
    let line = watch.out_until("/Desk/Fleet/a/");
    let told = "/Desk/Fleet/a/agent: DOWN — agent a is silent: it has written nothing for longer than 15 s";
    assert!(line.ends_with(told), "{line}");
    let body = hook.next().body;
    assert!(body.contains("agent a is silent"), "{body}");
    assert_eq!(
        word(&viewer, "/Desk/Fleet/a/Site/steady").as_deref(),
        Some("UNREACHABLE")
    );
    let list = viewer.run(["agents"]).out;
    let of = |name: &str| {
        let line = list
            .lines()
            .find(|line| line.contains(&format!("  {name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {list}"))
            .to_owned()
    };
    assert!(of("a").ends_with(", silent"), "{list}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        of("b").ends_with(&format!("  b: 2 sources, Up {version}")),
        "{list}"
    );
    let json: Json = serde_json::from_str(&viewer.run(["agents", "--json"]).out).expect("JSON");
    let agents = json["stores"][0]["agents"].as_array().expect("a list");
    assert!(
        agents
            .iter()
            .any(|agent| agent["name"] == "c" && agent["sources"] == 2),
        "{json}"
    );

    // It comes back, and that is told.
    let _a = restarted.start(["watch"]);
    watch.out_until("/Desk/Fleet/a/agent: UP");
    let body = hook.next().body;
    assert!(body.contains("\"recovered\""), "{body}");
    assert_eq!(
        word(&viewer, "/Desk/Fleet/a/Site/steady").as_deref(),
        Some("UP")
    );

    // The MongoDB is cut off: unknown, and nothing is down.
    mongod.kill9();
    let line = watch.out_until("/Desk/Fleet: UNKNOWN");
    assert!(line.contains("MongoDB 127.0.0.1:"), "{line}");
    mongod.start_again();
    watch.out_until("/Desk/Fleet/b/Site/steady: UP");
    eventually("the status of the fleet is back", || {
        word(&viewer, "/Desk/Fleet/b/Site/flag").as_deref() == Some("UP")
    });
    let more: Vec<_> = hook.rest().into_iter().map(|post| post.body).collect();
    assert!(
        more.is_empty(),
        "nobody was notified of anything else: {more:#?}"
    );
    let out = watch.out_now();
    assert!(
        out.iter().all(|line| !line.contains("/b/agent: DOWN")),
        "{out:?}"
    );
}
