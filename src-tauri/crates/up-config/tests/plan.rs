//! What a plan is made of, for configurations that are right.

use std::num::NonZeroU32;
use std::path::Path;
use std::time::Duration;

use up_config::{Opener, Plan, load_text};
use up_core::fold::Policy;
use up_core::{Kind, Mood, Rules};

fn plan(text: &str) -> Plan {
    match load_text(text, Path::new("up.toml")) {
        Ok(plan) => plan,
        Err(error) => panic!("{text}\nis valid, but:\n{error}"),
    }
}

fn paths(plan: &Plan) -> Vec<String> {
    let nodes = plan.outline.iter();
    nodes.map(|(_, node)| node.path.to_string()).collect()
}

const SAMPLE: &str = r#"
name = "Example Status"
mood = "pessimist"
interval = "1m"

[[source]]
type = "http"
name = "PROD"
url = "https://example.com/"
timeout = "2s"

[[source]]
type = "tree"
name = "Office"
parallel = false
policy = { at_least = 1 }
interval = "5m"
weight = 2
[source.alert]
down_after = 3
[[source.source]]
type = "snmp"
name = "router"
host = "192.168.1.1"
interval = "1h30m"
[source.source.alert]
retry = "1s"

[[source]]
type = "github"

[[sink]]
type = "mongo"
uri = "mongodb://localhost:27017"

[alert]
up_after = 2

[network]
reference = ["https://example.org/", "tcp://192.0.2.1:443"]

[history]
raw = "7d"
"#;

#[test]
fn the_sample_is_planned_whole() {
    let plan = plan(SAMPLE);
    let root = "/Example Status";
    assert_eq!(
        paths(&plan),
        ["", "/PROD", "/Office", "/Office/router", "/GitHub"].map(|path| format!("{root}{path}"))
    );
    assert_eq!(plan.mood, Mood::Pessimist);
    assert_eq!(plan.sources(), 3);
    let secs = Duration::from_secs;
    let asked: Vec<_> = plan
        .probes
        .iter()
        .map(|p| (p.interval, p.timeout))
        .collect();
    let expected = [(60, 2), (5400, 10), (60, 10)].map(|(i, t)| (secs(i), secs(t)));
    assert_eq!(asked, expected, "interval and timeout are inherited");
    let trees: Vec<_> = plan.trees.iter().map(|tree| tree.interval).collect();
    assert_eq!(trees, [secs(60), secs(300)]);

    let nodes: Vec<_> = plan.outline.iter().map(|(_, node)| node).collect();
    assert_eq!(nodes[2].kind, Kind::TREE);
    assert_eq!(nodes[2].policy, Policy::AtLeast(1));
    assert!(!nodes[2].parallel && nodes[0].parallel);
    assert_eq!((nodes[1].weight, nodes[2].weight), (1.0, 2.0));
    let rules = Rules {
        down_after: 3,
        up_after: 2,
        retry: secs(1),
        interval: nodes[3].rules.interval,
        ..Rules::default()
    };
    assert_eq!(nodes[3].rules, rules, "each key of [alert] is inherited");
    assert_eq!(nodes[1].rules.down_after, 2);

    assert_eq!(plan.sinks.len(), 1);
    let replica = plan.sinks[0].replica().expect("a mongo sink is a replica");
    assert_eq!(replica.uri.reveal(), "mongodb://localhost:27017");
    assert_eq!(plan.history.raw, secs(7 * 86_400));
    assert_eq!(plan.history.keep, secs(400 * 86_400));
    assert_eq!(plan.network.reference.len(), 2);
    assert!(!plan.agent.is_empty(), "the host has a name");
    assert_eq!(plan.warnings, [""; 0]);
}

#[test]
fn trees_bound_how_many_are_asked_at_once() {
    let tree = "[[source]]\ntype = \"tree\"\nname = \"t\"\n";
    let leaf = "[[source.source]]\ntype = \"github\"\n";
    let check = |top: &str, keys: &str, expected: [Option<u32>; 2]| {
        let plan = plan(&format!("name = \"x\"\n{top}\n{tree}{keys}\n{leaf}"));
        let at_once: Vec<_> = plan
            .trees
            .iter()
            .map(|tree| tree.at_once.map(NonZeroU32::get))
            .collect();
        assert_eq!(at_once, expected, "{top} {keys}");
        for (tree, at_once) in plan.trees.iter().zip(expected) {
            let parallel = plan.outline.node(tree.node).parallel;
            assert_eq!(parallel, at_once != Some(1), "{top} {keys}");
        }
    };
    check("", "", [None, None]);
    check("concurrency = 9", "concurrency = 3", [Some(9), Some(3)]);
    check("parallel = false", "parallel = true", [Some(1), None]);
    check("", "parallel = false\nconcurrency = 1", [None, Some(1)]);
    check(
        "concurrency = 1",
        "parallel = true\nconcurrency = 2",
        [Some(1), Some(2)],
    );
}

#[test]
fn a_named_root_has_a_policy_of_its_own() {
    let plan = plan("name = \"x\"\npolicy = \"worst\"\n[[source]]\ntype = \"github\"");
    assert_eq!(plan.outline.node(plan.outline.root()).policy, Policy::Worst);
}

#[test]
fn the_only_source_is_the_root_when_nothing_is_named() {
    let plan =
        plan("interval = \"5s\"\n[[source]]\ntype = \"http\"\nurl = \"http://h/\"\nname = \"a\"");
    assert_eq!(paths(&plan), ["/a"]);
    assert_eq!(plan.probes[0].interval, Duration::from_secs(5));
}

#[test]
fn sources_without_a_name_are_told_apart() {
    let http = "[[source]]\ntype = \"http\"\nurl = \"http://h/\"\n";
    let named = "[[source]]\ntype = \"github\"\nname = \"h 2\"\n";
    let plan = plan(&format!("name = \"x\"\n{http}{http}{named}{http}"));
    assert_eq!(
        paths(&plan),
        ["/x", "/x/h", "/x/h 3", "/x/h 2", "/x/h 4"],
        "a stand-in never takes a name that another was given"
    );
}

#[test]
fn only_who_names_itself_may_be_renamed() {
    let named = |keys: &str| {
        let plan = plan(&format!("[[source]]\n{keys}"));
        plan.outline.node(plan.probes[0].node).named
    };
    assert!(!named("type = \"snmp\"\nhost = \"h\""));
    assert!(named("type = \"snmp\"\nhost = \"h\"\nname = \"n\""));
    assert!(named("type = \"tcp\"\naddress = \"h:1\""));
}

#[test]
fn a_fingerprint_differs_when_something_that_matters_does() {
    let of = |top: &str, keys: &str| {
        let source = "[[source]]\ntype = \"http\"\nurl = \"http://h/\"\n";
        plan(&format!("{top}\n{source}{keys}")).probes[0].fingerprint
    };
    let base = of("", "");
    let check = |top: &str, keys: &str, same: bool| {
        assert_eq!(of(top, keys) == base, same, "{top} {keys}");
    };
    check("", "name = \"other\"", true);
    check("mood = \"optimist\"", "weight = 2", true);
    check("interval = \"30s\"", "timeout = \"10s\"", true);
    check("interval = \"31s\"", "timeout = \"9s\"", true);
    check("", "tags = [\"db\"]\nopen = \"http://h/\"", true);
    check("alert = { down_after = 3 }", "depends_on = []", true);
    check("", "method = \"HEAD\"", false);
    check("", "token = \"a\"", false);
    assert_ne!(of("", "token = \"a\""), of("", "token = \"b\""));
}

#[test]
fn a_source_with_another_secret_is_the_same_and_is_known_to_have_another() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let text = "[[source]]\ntype = \"http\"\nurl = \"http://h/\"\ntoken = { file = \"t\" }";
    let with = |secret: &str| {
        std::fs::write(folder.path().join("t"), secret).expect("a file can be written");
        let plan = load_text(text, &folder.path().join("up.toml")).expect("valid");
        (plan.probes[0].fingerprint, plan.probes[0].secrets)
    };
    assert_eq!(with("a"), with("a\n"));
    assert_eq!(with("a").0, with("b").0);
    assert_ne!(with("a").1, with("b").1);
}

#[test]
fn a_tree_without_sources_is_allowed_and_unwise() {
    let plan = plan("name = \"x\"\n\n[[source]]\ntype = \"tree\"\nname = \"t\"");
    assert_eq!(paths(&plan), ["/x", "/x/t"]);
    assert_eq!(
        plan.warnings,
        ["up.toml:3:1: this tree has no sources: it is always down"]
    );
}

#[test]
fn history_may_be_kept_longer_or_shorter_than_by_default() {
    let kept = |keys: &str| {
        let plan = plan(&format!("[[source]]\ntype = \"github\"\n[history]\n{keys}"));
        let days = |span: Duration| span.as_secs() / 86_400;
        (days(plan.history.raw), days(plan.history.keep))
    };
    assert_eq!(kept(""), (30, 400));
    assert_eq!(kept("raw = \"500d\""), (500, 500));
    assert_eq!(kept("keep = \"7d\""), (7, 7));
    assert_eq!(kept("raw = \"1d\"\nkeep = \"2d\""), (1, 2));
}

#[test]
fn a_plan_shows_no_secret() {
    let text = "[[source]]\ntype = \"http\"\nurl = \"http://u:hunter2@h/\"\n\
        headers = { X-Api-Key = \"hunter2\" }\n[[sink]]\ntype = \"mongo\"\n\
        uri = \"mongodb://u:hunter2@h\"\n";
    let shown = format!("{:?}", plan(text));
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn tags_are_those_of_the_trees_around_a_source_too() {
    let plan = plan(
        r#"
name = "R"
[[source]]
type = "tree"
name = "Office"
tags = ["berlin", "db"]
open = ["virt-viewer", "office"]
[[source.source]]
type = "tcp"
name = "db"
address = "h:1"
tags = ["db", "prod-1"]
open = "https://grafana.example.com/d/42?orgId=1"
[[source.source]]
type = "tcp"
name = "plain"
address = "h:2"
[[source]]
type = "tcp"
name = "other"
address = "h:3"
"#,
    );
    let check = |path: &str, expected: &[&str], open: Option<Opener>| {
        let node = plan.outline.find(path).expect("it is there");
        let labels = plan.labels(&plan.outline, node).expect("it has labels");
        let tags: Vec<&str> = labels.tags.iter().map(|tag| &**tag).collect();
        assert_eq!(tags, expected, "{path}");
        assert_eq!(labels.open, open, "{path}");
    };
    let viewer = ["virt-viewer", "office"].map(str::to_owned);
    check(
        "/R/Office",
        &["berlin", "db"],
        Some(Opener::Program(viewer.into())),
    );
    let board = Opener::Address("https://grafana.example.com/d/42?orgId=1".into());
    check("/R/Office/db", &["berlin", "db", "prod-1"], Some(board));
    check("/R/Office/plain", &["berlin", "db"], None);
    check("/R/other", &[], None);
    check("/R", &[], None);
}
