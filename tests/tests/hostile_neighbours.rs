//! Whatever hostile peers do, the sources beside them are checked in time, although all checks of
//! `up` share one thread, and every check releases its resources. The test has a file of its own,
//! because open files are counted for the whole process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::runtime::{Builder, Runtime};
use up_source::{Built, CheckContext};
use up_tests::check_source::{build, verdict};
use up_tests::far_sides::{FarSideCase, commands, datagrams, floods, streams};
use up_tests::hostile::{Hostile, scripts};

/// How many sources check one hostile peer at once.
const ASKERS: usize = 10;
/// The timeout of the checks of hostile peers.
const TIMEOUT: Duration = Duration::from_millis(500);
/// The timeout of the neighbour, whose peer answers at once.
const NEIGHBOUR: Duration = Duration::from_secs(1);
/// How late the check of a hostile peer may be on a busy machine. A starving check is much later.
const SLACK: Duration = Duration::from_secs(1);

/// The peers, each in a thread of its own.
fn all(watched: &Runtime) -> Vec<FarSideCase> {
    let mut cases = watched.block_on(async {
        tokio::spawn(async {
            let mut cases = streams().await;
            cases.extend(floods().await);
            cases.extend(datagrams().await);
            cases
        })
        .await
        .expect("the far sides begin")
    });
    cases.extend(commands());
    cases
}

fn runtime(workers: Option<usize>) -> Runtime {
    let mut builder = match workers {
        Some(workers) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(workers);
            builder
        }
        None => Builder::new_current_thread(),
    };
    builder.enable_all().build().expect("a runtime")
}

/// Checks the hostile peer with many sources at once, and the neighbour again and again meanwhile.
/// Returns what was not as expected.
async fn beside(case: &FarSideCase, hostile: &Built, neighbour: &Built) -> Option<String> {
    let begun = Instant::now();
    let askers = (0..ASKERS).map(|_| {
        let source = Arc::clone(&hostile.source);
        async move {
            let begun = Instant::now();
            source.check(&CheckContext::starting_now(TIMEOUT)).await;
            begun.elapsed()
        }
    });
    let watched = async {
        let mut wrong = None;
        while begun.elapsed() < TIMEOUT {
            let probe = CheckContext::starting_now(NEIGHBOUR);
            let answer = neighbour.source.check(&probe).await;
            if verdict(&answer) != "up" {
                wrong.get_or_insert(format!("its neighbour was {answer:?}"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        wrong
    };
    let (took, wrong) = tokio::join!(join_all(askers), watched);
    let longest = took.into_iter().max().unwrap_or_default();
    let late = longest > TIMEOUT + SLACK;
    let late = late.then(|| format!("it was answered only after {longest:?}"));
    let found = wrong.or(late)?;
    Some(format!("{}: {found}", case.name()))
}

fn open_files() -> usize {
    let listed = std::fs::read_dir("/proc/self/fd").expect("Linux lists a process's open files");
    listed.count()
}

#[test]
fn neighbours_of_the_hostile_are_answered_and_nothing_is_left() {
    let (watched, watching) = (runtime(Some(1)), runtime(None));
    let cases = all(&watched);
    let server = watched.block_on(async {
        tokio::spawn(Hostile::play(scripts::ok()))
            .await
            .expect("a far side")
    });
    let neighbour = format!("url = {:?}", server.url("/"));
    let mut checks = 0;
    let mut before = None;
    let wrong: Vec<_> = watching.block_on(async {
        let neighbour = build("http", &neighbour).expect("usable keys");
        let mut wrong = Vec::new();
        for case in &cases {
            let hostile = build(case.kind, &case.keys).unwrap_or_else(|e| panic!("{e}"));
            wrong.extend(beside(case, &hostile, &neighbour).await);
            checks += ASKERS;
            // Files that are opened once and kept were opened by the first case.
            before.get_or_insert_with(open_files);
        }
        wrong
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checks >= 500, "only {checks} checks were made");
    // The peers in this process close their ends when they notice that ours are closed.
    let before = before.expect("there are cases");
    let patience = Instant::now() + Duration::from_secs(20);
    watching.block_on(async {
        while open_files() > before + 8 && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let after = open_files();
    assert!(
        after <= before + 8,
        "{after} files are open after {checks} checks, {before} before"
    );
    // They end in the runtime in which they were started.
    let _entered = watched.enter();
    drop((cases, server));
}
