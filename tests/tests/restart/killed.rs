//! A random run of outages from a seed. `up watch` is killed (SIGKILL) at random moments and
//! restarted. The webhook must get every fall and every recovery once.
//!
//! What counts as once: each delivery carries a `webhook-id`. If Up is killed after a delivery and
//! before its receipt is on the disk, it delivers the notice again, with the same `webhook-id` and
//! the same body, so that a receiver can tell, as [`Reader`] does. This window is milliseconds
//! long: what was delivered [`SETTLED`] before the kill must not come again. The test fails if a
//! fall or a recovery comes again under a new `webhook-id`, and if a notice contains nothing new.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use up_tests::daemon::PATIENCE;
use up_tests::hook::{Hook, Post};
use up_tests::port::Port;
use up_tests::up::Up;

use crate::{HEAD, webhook};

const SEED: u64 = 7;
/// How often Up is killed.
const KILLS: usize = 25;
/// The longest time in milliseconds from a start to a kill, which is enough for a fall to be
/// notified.
const LIFE: u64 = 2_000;
/// After this many starts it lives longer, so that a missing receipt shows.
const CALM: usize = 8;
/// The longer time in milliseconds.
const CALM_LIFE: u64 = 3_500;
/// What was delivered this long before a kill has its receipt on the disk.
const SETTLED: Duration = Duration::from_secs(2);
/// The sources that fall, or come back, at one moment.
const GROUPS: [&[&str]; 5] = [&["a"], &["b"], &["c"], &["t/d", "t/e"], &["t/e"]];

/// A TCP server that is up or down. The kernel accepts clients, which are closed at the next
/// [`Server::drain`].
struct TcpServer {
    port: Port,
    listener: Option<TcpListener>,
}

impl TcpServer {
    fn start() -> Self {
        let (port, listener) = (Port::claim(), None);
        let mut server = Self { port, listener };
        server.set(true);
        server
    }

    fn set(&mut self, is_up: bool) {
        self.listener = is_up.then(|| {
            let listener = TcpListener::bind(self.port.address()).expect("the port is claimed");
            listener.set_nonblocking(true).expect("it need not wait");
            listener
        });
    }

    fn drain(&self) {
        for stream in self.listener.iter().flat_map(TcpListener::incoming) {
            if stream.is_err_and(|e| e.kind() == ErrorKind::WouldBlock) {
                return;
            }
        }
    }
}

/// A reader of the webhook, who learns from it what happened to each source.
#[derive(Default)]
struct Reader {
    /// Each body, and when it was last delivered, by its `webhook-id`.
    bodies: BTreeMap<String, (String, Instant)>,
    /// When Up was killed, in order.
    kills: Vec<Instant>,
    /// The outage of each source that is down.
    down: BTreeMap<String, u64>,
    /// What happened to each source, in order: true for a recovery.
    happened: BTreeMap<String, Vec<bool>>,
}

impl Reader {
    fn read(&mut self, post: Post) {
        let unique = post.headers["webhook-id"].clone();
        let now = post.arrived;
        if let Some((before, last)) = self.bodies.get_mut(&unique) {
            assert_eq!(
                *before, post.body,
                "{unique} is delivered with another body"
            );
            // A start that was killed before it delivered anything repeats nothing, so that a later
            // one does. What counts is the kill that ended the delivering start.
            let killed = self.kills.iter().find(|killed| *killed >= last);
            let age = killed.map_or(Duration::ZERO, |killed| killed.duration_since(*last));
            assert!(
                age < SETTLED,
                "{unique} is repeated, which had come {age:?} before the kill"
            );
            *last = now;
            return;
        }
        let notice: Value = serde_json::from_str(&post.body).expect("JSON");
        let id = notice["id"].as_u64().expect("a number");
        let mut is_news = false;
        for source in notice["sources"].as_array().expect("a list") {
            let path = source["path"].as_str().expect("a text").to_owned();
            let is_back = !source["until"].is_null();
            let before = self.down.get(&path).copied();
            match (is_back, before) {
                (false, before) => {
                    is_news |= before.is_none();
                    self.down.insert(path.clone(), id);
                }
                (true, Some(outage)) => {
                    assert_eq!(outage, id, "{path} recovers from another outage: {notice}");
                    is_news = true;
                    self.down.remove(&path);
                }
                (true, None) => panic!("{path} was not told to be down: {notice}"),
            }
            if before.is_some() == is_back {
                self.happened.entry(path).or_default().push(is_back);
            }
        }
        assert!(is_news, "nothing is new in {notice}");
        self.bodies.insert(unique, (post.body, now));
    }
}

/// The run, and what happened to each source so far.
struct Run {
    random: fastrand::Rng,
    servers: BTreeMap<&'static str, TcpServer>,
    /// What happened to each source, by its path, in order: true for a recovery.
    happened: BTreeMap<String, Vec<bool>>,
}

impl Run {
    /// Makes the sources of one group fall, or come back.
    fn change(&mut self) {
        let group = GROUPS[self.random.usize(..GROUPS.len())];
        let is_up = self.servers[group[0]].listener.is_none();
        self.set(group, is_up);
    }

    fn set(&mut self, group: &[&'static str], is_up: bool) {
        for name in group {
            let server = self.servers.get_mut(name).expect("a server of that name");
            if server.listener.is_some() == is_up {
                continue;
            }
            server.set(is_up);
            let happened = self
                .happened
                .entry(format!("/RestartSite/{name}"))
                .or_default();
            happened.push(is_up);
        }
    }

    /// Makes every source come back.
    fn mend(&mut self) {
        let names: Vec<_> = self.servers.keys().copied().collect();
        self.set(&names, true);
    }
}

fn config(servers: &BTreeMap<&'static str, TcpServer>, steady: &TcpServer, hook: &Hook) -> String {
    let tcp = |table: &str, name: &str, server: &TcpServer| {
        let address = server.port.address();
        format!("[[{table}]]\ntype = \"tcp\"\nname = {name:?}\naddress = \"{address}\"\n")
    };
    let mut text = format!("{HEAD}flapping = false\nper_minute = 1000\n");
    for name in ["x", "y", "z", "v", "w"] {
        text += &tcp("source", name, steady);
    }
    for (name, server) in servers {
        if let Some(name) = name.strip_prefix("t/") {
            text += &tcp("source.source", name, server);
        } else {
            text += &tcp("source", name, server);
        }
        if *name == "c" {
            text += "[[source]]\ntype = \"tree\"\nname = \"t\"\n";
        }
    }
    text + webhook(hook).as_str()
}

#[test]
fn killed_at_any_moment_of_a_run_it_tells_each_fall_and_each_recovery_once() {
    let names: BTreeSet<&str> = GROUPS.iter().copied().flatten().copied().collect();
    let servers = names.into_iter().map(|name| (name, TcpServer::start()));
    let (servers, steady, hook) = (servers.collect(), TcpServer::start(), Hook::start(&[]));
    let up = Up::with(config(&servers, &steady, &hook));
    let mut run = Run {
        random: fastrand::Rng::with_seed(SEED),
        servers,
        happened: BTreeMap::new(),
    };
    let mut reader = Reader::default();
    let mut watch = up.start(["watch", "-v"]);
    watch.out_until("RestartSite: ");
    let (mut kills, mut is_over) = (0, false);
    let life = |random: &mut fastrand::Rng, kills: usize| {
        let millis = match kills % CALM {
            0 => CALM_LIFE,
            _ => random.u64(..LIFE),
        };
        Instant::now() + Duration::from_millis(millis)
    };
    let mut end = life(&mut run.random, kills);
    let mut late = Instant::now() + PATIENCE;
    loop {
        // The next change waits until this one was notified.
        if reader.happened == run.happened {
            if is_over {
                break;
            }
            late = Instant::now() + PATIENCE;
            is_over = kills == KILLS;
            if is_over {
                run.mend();
            } else {
                run.change();
            }
        }
        assert!(
            Instant::now() < late,
            "not told within {PATIENCE:?}, seed {SEED}, after {kills} kills: {:?}, but {:?}",
            run.happened,
            reader.happened
        );
        let step = Duration::from_millis(20);
        let left = end.saturating_duration_since(Instant::now());
        if let Some(post) = hook.next_within(left.min(step)) {
            reader.read(post);
            // In half of the cases it is killed at about the time when its receipt is written.
            if kills % CALM != 0 && run.random.bool() {
                end = end.min(Instant::now() + Duration::from_millis(run.random.u64(..10)));
            }
        }
        steady.drain();
        run.servers.values().for_each(TcpServer::drain);
        if kills < KILLS && Instant::now() >= end {
            watch.end(Signal::KILL);
            reader.kills.push(Instant::now());
            watch = up.start(["watch", "-v"]);
            kills += 1;
            end = life(&mut run.random, kills);
        }
    }
    // A notice that was under way may be sent again, but no new one.
    assert_eq!(watch.end(Signal::TERM), Some(0));
    hook.rest().into_iter().for_each(|post| reader.read(post));
    assert_eq!(reader.happened, run.happened, "seed {SEED}");
    let falls = run.happened.values().map(Vec::len).sum::<usize>() / 2;
    assert!(
        falls >= 3,
        "there was something to tell: {:?}",
        run.happened
    );
}
