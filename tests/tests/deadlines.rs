//! Every check ends by its deadline, whatever the peer does: sends nothing, drips, never ends, or
//! does not even accept.
//!
//! The tests measure how much longer a check takes than a bare timer with the same deadline in the
//! same runtime. A busy machine delays both, so that it does not count. The best of a few attempts
//! counts, because a single delay may affect only the check.

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
/// How much longer than the timer a check may take.
const MOST: Duration = Duration::from_millis(100);
const ATTEMPTS: usize = 3;
/// How much longer a check may take before it is given up as endless.
const NEVER: Duration = Duration::from_secs(5);
/// The runtimes of the watchers and of the watched, which are apart as in reality.
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
        // Two threads, so that a check that blocks its own thread does not delay the timer.
        Self {
            watching: with(2),
            watched: with(1),
        }
    }

    /// How much longer than the timer a check takes. `None` if it does not end.
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

    /// The smallest excess of a few attempts. The error is a line for an excess that is too long.
    fn judge(&self, case: &FarSideCase) -> Result<(), String> {
        let name = case.name();
        // The client is made at first use, which is not the peer's doing.
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

/// The cases of `ping`, in a network namespace: a host that does not answer, and one whose requests
/// would go on past the deadline.
fn pings() -> Vec<FarSideCase> {
    [
        ("silent", "host = \"192.0.2.1\"".to_owned()),
        (
            "silent, many",
            "host = \"192.0.2.1\"\ncount = 20".to_owned(),
        ),
        // Half of the requests are lost, because their two seconds exceed the deadline.
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
    // Their peers end in the runtime in which they were started.
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

/// Set in the process of this test that runs in a network namespace.
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
    // The process is root in the namespace, whoever runs the tests.
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
