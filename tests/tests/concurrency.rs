//! `concurrency` and `parallel = false`: how many sources of a tree are checked at once, by `up`
//! and by `up watch`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use up_tests::up::{Up, eventually};

/// How long each answer takes. It is long enough that checks that are allowed at once overlap.
const ANSWER: Duration = Duration::from_millis(150);

/// The requests of a group: now, at most at once, and in all.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    now: usize,
    most: usize,
    all: usize,
}

/// A slow server that counts requests by the first part of their path.
#[derive(Clone, Default)]
struct Gauge {
    groups: Arc<Mutex<BTreeMap<String, Count>>>,
}

impl Gauge {
    async fn start() -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let gauge = Self::default();
        let counting = gauge.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(counting.clone().serve(stream));
            }
        });
        (gauge, format!("http://{address}"))
    }

    async fn serve(self, mut stream: TcpStream) {
        let mut request = [0; 2_000];
        let read = stream.read(&mut request).await.unwrap_or(0);
        let request = String::from_utf8_lossy(&request[..read]).into_owned();
        let groups = request.split(' ').nth(1).unwrap_or_default();
        let groups: Vec<&str> = groups
            .split('/')
            .filter(|group| !group.is_empty())
            .collect();
        self.count(&groups, |count| {
            count.now += 1;
            count.all += 1;
            count.most = count.most.max(count.now);
        });
        tokio::time::sleep(ANSWER).await;
        // Counted before the answer is sent, because the client may start the next request at once.
        self.count(&groups, |count| count.now -= 1);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        // The client may be gone.
        let _ = stream.write_all(answer).await;
    }

    fn count(&self, groups: &[&str], change: impl Fn(&mut Count)) {
        let mut counts = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        for group in groups {
            change(counts.entry((*group).to_owned()).or_default());
        }
    }

    fn of(&self, group: &str) -> Count {
        let counts = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(group).copied().unwrap_or_default()
    }
}

/// Nested trees: the root limits all to 5, `some` to 3, and `one` in it to one at a time.
fn config(server: &str) -> String {
    let source = |table: &str, name: String, path: &str| {
        format!("[[{table}]]\ntype = \"http\"\nname = \"{name}\"\nurl = \"{server}/{path}\"\n")
    };
    let mut text =
        "name = \"All\"\nconcurrency = 5\ninterval = \"1s\"\ntimeout = \"30s\"\n".to_owned();
    text.extend((0..8).map(|i| source("source", format!("free {i}"), "all")));
    text += "[[source]]\ntype = \"tree\"\nname = \"some\"\nconcurrency = 3\n";
    text.extend((0..6).map(|i| source("source.source", format!("some {i}"), "all/some")));
    text += "[[source.source]]\ntype = \"tree\"\nname = \"one\"\nparallel = false\n";
    text.extend((0..4).map(|i| source("source.source.source", format!("one {i}"), "all/some/one")));
    text
}

fn check(gauge: &Gauge) {
    for (group, most) in [("all", 5), ("some", 3), ("one", 1)] {
        let count = gauge.of(group);
        assert!(count.most <= most, "{group}: {count:?}, and {most} may be");
    }
    assert!(gauge.of("all").most > 1, "several are asked at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn up_asks_no_more_at_once_than_each_tree_allows() {
    let (gauge, server) = Gauge::start().await;
    let up = Up::with(config(&server));
    let outcome = up.run([""; 0]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(gauge.of("all").all, 18, "each is asked once");
    check(&gauge);
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_a_watch() {
    let (gauge, server) = Gauge::start().await;
    let up = Up::with(config(&server));
    let mut watch = up.start(["watch"]);
    eventually("some rounds", || gauge.of("one").all >= 12);
    check(&gauge);
    assert_eq!(watch.end(Signal::TERM), Some(0));
}
