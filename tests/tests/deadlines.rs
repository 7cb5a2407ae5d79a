//! Every source type is done by its deadline, whatever the far side does: says nothing, drips,
//! never ends, or does not even accept.
//!
//! What is measured is by how much a check outlives a bare timer that was set to the same deadline
//! beside it, in the same runtime: so a busy machine, which delays both, is not what is found. The
//! best of a few attempts counts, since one delay may hit the check alone.

use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep_until, timeout};
use up_source::{Built, CheckContext};
use up_tests::check_source::{build, verdict};
use up_tests::far_sides::{FarSideCase, commands, datagrams, floods, forgotten, streams};

/// The timeout of each check.
const TIMEOUT: Duration = Duration::from_millis(400);
/// By so much a check may outlive the timer.
const MOST: Duration = Duration::from_millis(100);
const ATTEMPTS: usize = 3;
/// A check that takes so much longer is not waited for.
const NEVER: Duration = Duration::from_secs(5);
/// Those who watch and those who are watched run apart, as in life.
struct Runtimes {
    watching: Runtime,
    watched: Runtime,
}

impl Runtimes {
    fn new() -> Self {
        let with = |workers| {
            let runtime = Builder::new_multi_thread()
                .worker_threads(workers)
                .enable_all()
                .build();
            runtime.expect("a runtime")
        };
        // Two, so that a check which blocks its own thread does not hold the timer up with it.
        Self {
            watching: with(2),
            watched: with(1),
        }
    }

    /// By how much a check outlives the timer; `None` when it does not end at all.
    fn overrun(&self, built: &Built) -> Option<(Duration, String)> {
        let source = built.source.clone();
        let probe = CheckContext::starting_now(TIMEOUT);
        let deadline = probe.deadline;
        let timer = self.watching.spawn(async move {
            sleep_until(deadline).await;
            Instant::now()
        });
        let check = self.watching.spawn(async move {
            let answer = timeout(TIMEOUT + NEVER, source.check(&probe)).await.ok()?;
            Some((Instant::now(), verdict(&answer)))
        });
        let ended = self.watching.block_on(async { (timer.await, check.await) });
        let (timer, check) = (ended.0.expect("a timer"), ended.1.expect("no panic"));
        check.map(|(end, verdict)| (end.saturating_duration_since(timer), verdict))
    }

    /// The least overrun of a few attempts, as a line when it is too long.
    fn judge(&self, case: &FarSideCase) -> Result<(), String> {
        let name = case.name();
        // The client's own, made when first used, is none of the far side's doing.
        let _entered = self.watching.enter();
        let built = build(case.kind, &case.keys).unwrap_or_else(|e| panic!("{e}\n{}", case.keys));
        let mut found = String::new();
        for _ in 0..ATTEMPTS {
            match self.overrun(&built) {
                Some((over, verdict)) if over <= MOST => {
                    assert_ne!(verdict, "up", "{name} is no good far side");
                    return Ok(());
                }
                Some((over, verdict)) => {
                    let _ = write!(found, " {} ms late ({verdict})", over.as_millis());
                }
                None => found.push_str(" never ended"),
            }
        }
        Err(format!("{name}:{found}"))
    }
}

/// The cases of ping, where this machine is alone in a network of its own: who does not answer, and
/// one whose requests would go on past the deadline.
fn pings() -> Vec<FarSideCase> {
    [
        ("silent", "host = \"192.0.2.1\"".to_owned()),
        (
            "silent, many",
            "host = \"192.0.2.1\"\ncount = 20".to_owned(),
        ),
        // Half lost is what the deadline makes of two seconds of requests.
        (
            "dripping",
            "host = \"127.0.0.1\"\ncount = 20\nloss = { crit = 10 }".to_owned(),
        ),
    ]
    .map(|(manner, keys)| FarSideCase::new(("ping", ""), manner, keys, ()))
    .into()
}

fn judge_all(runtimes: &Runtimes, cases: Vec<FarSideCase>) {
    let late: Vec<_> = cases
        .iter()
        .filter_map(|case| runtimes.judge(case).err())
        .collect();
    // Their far sides end in the runtime in which they began.
    let _entered = runtimes.watched.enter();
    drop(cases);
    assert!(
        late.is_empty(),
        "more than {MOST:?} late:\n{}",
        late.join("\n")
    );
}

#[test]
fn over_streams() {
    let runtimes = Runtimes::new();
    let cases = runtimes
        .watched
        .block_on(async { tokio::spawn(streams()).await });
    judge_all(&runtimes, cases.expect("the far sides"));
}

#[test]
fn of_floods() {
    let runtimes = Runtimes::new();
    let cases = runtimes
        .watched
        .block_on(async { tokio::spawn(floods()).await });
    judge_all(&runtimes, cases.expect("the far sides"));
}

#[test]
fn over_datagrams() {
    let runtimes = Runtimes::new();
    let cases = runtimes
        .watched
        .block_on(async { tokio::spawn(datagrams()).await });
    judge_all(&runtimes, cases.expect("the far sides"));
}

#[test]
fn of_programs() {
    judge_all(&Runtimes::new(), commands());
}

/// Set in the process of this test that is alone in a network.
const ALONE: &str = "UP_TESTS_ALONE";

#[test]
fn of_pings() {
    if std::env::var_os(ALONE).is_some() {
        return judge_all(&Runtimes::new(), pings());
    }
    let script = "ip link set lo up && ip link add hole type veth peer name end && \
                  ip link set end up && ip addr add 192.0.2.2/24 dev hole && \
                  ip link set hole arp off up && exec \"$0\" --exact of_pings --nocapture";
    let own = std::env::current_exe().expect("a running program has a path");
    // Root there, whoever runs the tests.
    let output = Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-c", script])
        .arg(own)
        .env(ALONE, "yes")
        .output()
        .expect("unshare is there");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed"), "{text}");
}

#[test]
fn no_type_is_forgotten() {
    let forgotten = forgotten();
    assert!(
        forgotten.is_empty(),
        "no deadline is tested of {forgotten:?}"
    );
}
