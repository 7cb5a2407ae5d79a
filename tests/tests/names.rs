//! Peers that change their own name or those of their components at each check: the outline, the
//! history, and the notices.

use std::sync::Arc;

use up_core::world::{COMPONENT_NAMES, OWN_NAMES};
use up_core::{Component, Kind, Node, NodeId, Outline, Record, ReportedComponents, Sample, World};
use up_history::{Embedded, Store};
use up_tests::snmp_agent::{self, AgentReply, element};
use up_tests::up::Up;

const DAY: f64 = 86_400.0;
const BEGIN: f64 = 1_795_348_800.0;

/// A source that names itself, and one that has components.
fn world() -> (World, NodeId, NodeId) {
    let mut outline = Outline::default();
    let root = outline.push(None, Node::new(Kind::TREE, "Root"));
    let mut router = Node::new(Kind("snmp"), "router");
    router.named = false;
    let router = outline.push(Some(root), router);
    let page = outline.push(Some(root), Node::new(Kind("statuspage"), "Page"));
    (World::new(outline), router, page)
}

/// Records of all nodes but the root, for the history.
fn records(world: &World, date: f64) -> Vec<Arc<Record>> {
    let nodes = world.outline().iter().skip(1);
    let record = |(_, node): (NodeId, &Node)| {
        Arc::new(Record {
            path: Arc::clone(&node.path),
            kind: node.kind,
            sample: Sample {
                status: Component::up("").status,
                date,
                duration: 0.1,
                cause: None,
                detail: up_core::Detail::new(),
            },
        })
    };
    nodes.map(record).collect()
}

#[tokio::test]
async fn renaming_peers_do_not_fill_the_history() {
    let (answers, days) = (4_000, 2);
    let folder = tempfile::tempdir().expect("a folder");
    let store = Embedded::open(folder.path()).expect("a new store");
    let (mut world, router, page) = world();
    for answer in 0..answers {
        let now = BEGIN + DAY * f64::from(days) * f64::from(answer) / f64::from(answers);
        world.name_itself(router, &format!("router {answer}"), now);
        let part = |part: usize| Component::up(&format!("part {answer} {part}"));
        world.reconcile(
            page,
            ReportedComponents::new((0..5).map(part).collect(), false),
            now,
        );
        store
            .append(records(&world, now))
            .await
            .expect("it is kept");
    }
    let paths = store.paths().await.expect("its paths");
    let most = |at_once: usize, a_day: usize| at_once + a_day * usize::try_from(days).expect("few");
    let count = |start: &str| paths.iter().filter(|path| path.starts_with(start)).count();
    let (own, parts) = (count("/Root/router"), count("/Root/Page/"));
    assert!(
        own <= most(OWN_NAMES.at_once, OWN_NAMES.a_day),
        "{own} names"
    );
    assert!(own >= OWN_NAMES.at_once, "{own} names");
    assert!(
        parts <= most(COMPONENT_NAMES.at_once, COMPONENT_NAMES.a_day),
        "{parts} parts"
    );
    assert!(parts >= COMPONENT_NAMES.at_once, "{parts} parts");
    store.close().await;
    let file = std::fs::metadata(store.file()).expect("the file").len();
    assert!(file < 4 << 20, "{file} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_source_that_renames_itself_at_each_answer_is_told_of() {
    let mut answers = 0;
    let say = move |_, _: &[String]| {
        answers += 1;
        AgentReply::This(element(4, format!("router {answers}").as_bytes()))
    };
    let agent = snmp_agent::start(&[], say).await;
    let up = Up::with(format!(
        "name = \"Site\"\ninterval = \"1s\"\ntimeout = \"5s\"\n\
         [[source]]\ntype = \"snmp\"\nhost = \"127.0.0.1\"\nport = {}\n\
         [[source]]\ntype = \"command\"\nname = \"fine\"\ncommand = [\"true\"]\n",
        agent.port()
    ));
    let watch = up.start(["watch"]);
    // One more second than new names are allowed at once, because the interval is a second.
    let text = "it calls itself by another name too often";
    let line = tokio::task::block_in_place(|| watch.err_until(text));
    assert!(line.contains("/Site/router "), "{line}");
}
