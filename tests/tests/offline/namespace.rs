//! Real targets, routes, hosts and a resolver that disappear and return.

use rustix::process::Signal;
use up_tests::up::{RunningUp, Up, eventually};

use super::network::NamespaceNetwork;
use super::{downs, samples};

const SITE: &str = r#"
name = "Site"
interval = "1s"
timeout = "1s"
[alert]
retry = "200ms"
[network]
reference = ["http://198.18.0.1/", "tcp://198.18.0.1:80"]
[[source]]
type = "http"
name = "one"
url = "http://198.51.100.1/"
[[source]]
type = "http"
name = "two"
url = "http://two.example.net/"
[[source]]
type = "http"
name = "near"
url = "http://10.9.9.1/"
[[source]]
type = "http"
name = "here"
url = "http://127.0.0.1:8080/"
"#;

struct NamespaceWatch {
    up: Up,
    running: RunningUp,
}

impl NamespaceWatch {
    fn start(network: &NamespaceNetwork, config: &str) -> Self {
        let mut up = Up::with(config);
        up.through(&network.through());
        let running = up.start(["watch"]);
        running.out_until("Site: UP");
        Self { up, running }
    }

    /// Waits until a source was scored twice more.
    fn goes_on(&self, name: &str) {
        let path = format!("/Site/{name}");
        let before = samples(&self.up, &path).len();
        eventually(name, || samples(&self.up, &path).len() > before + 1);
    }

    /// Checks that nobody was notified since the last call, and that no sample of these sources is
    /// down.
    #[track_caller]
    fn is_calm(&self, names: &[&str]) {
        let told = self.running.out_now();
        assert!(told.iter().all(|line| !line.contains("DOWN")), "{told:#?}");
        for name in names {
            let path = format!("/Site/{name}");
            assert_eq!(downs(&self.up, &path), 0, "{name} is never down");
        }
    }

    fn tells(&self, what: &str) {
        self.running.out_until(what);
    }

    fn warns(&self, what: &str) {
        self.running.err_until(what);
    }
}

#[test]
fn what_is_gone_is_told_and_what_is_ours_is_not() {
    let Some(mut network) = NamespaceNetwork::start() else {
        return;
    };
    let mut watch = NamespaceWatch::start(&network, SITE);

    // The default route is lost. Local networks and this machine are still scored.
    network.ours("route del default");
    watch.warns("You are offline: this machine has no network");
    watch.goes_on("near");
    watch.goes_on("here");
    network.world("addr del 10.9.9.1/24 dev lan1");
    watch.tells("/Site/near: DOWN");
    network.world("addr add 10.9.9.1/24 dev lan1");
    watch.tells("/Site/near: UP again");
    network.ours("route add default via 192.0.2.1");
    watch.warns("over: ");
    watch.goes_on("one");
    watch.goes_on("two");
    watch.is_calm(&["one", "two", "here"]);

    // The network behind the router is lost: no route disappears, and no reference answers.
    network.world("addr del 192.0.2.1/24 dev b0");
    watch.warns("You are offline: no reference answers");
    network.world("addr add 192.0.2.1/24 dev b0");
    watch.warns("over: ");
    watch.goes_on("one");
    watch.is_calm(&["one", "two", "here"]);

    // The resolver is lost.
    network.resolve_no_more();
    watch.warns("names cannot be resolved");
    watch.goes_on("one");
    watch.is_calm(&["one", "two", "here"]);
    network.resolve();
    watch.warns("over: ");
    watch.goes_on("two");

    // One host is lost, and then all hosts while a reference answers.
    network.world("addr del 198.51.100.1/32 dev lo");
    watch.tells("/Site/one: DOWN");
    assert_eq!(downs(&watch.up, "/Site/two"), 0);
    network.world("addr del 203.0.113.1/32 dev lo");
    watch.tells("/Site/two: DOWN");
    network.world("addr add 198.51.100.1/32 dev lo");
    watch.tells("/Site/one: UP again");
    assert_eq!(watch.running.err_now(), [""; 0], "nobody was offline");
    assert_eq!(watch.running.end(Signal::TERM), Some(0));
}

#[test]
fn without_references_lost_routes_tell_and_lost_hosts_are_told() {
    let Some(network) = NamespaceNetwork::start() else {
        return;
    };
    let config = SITE.replace("[network]\n", "");
    let at = config.find("reference").expect("it has references");
    let end = at + config[at..].find('\n').expect("a line ends");
    let config = [&config[..at], &config[end..]].concat();
    let mut watch = NamespaceWatch::start(&network, &config);
    network.ours("link set a0 down");
    watch.warns("You are offline: this machine has no network");
    watch.goes_on("near");
    network.ours("link set a0 up");
    network.ours("route add default via 192.0.2.1");
    watch.warns("over: ");
    watch.goes_on("one");
    watch.is_calm(&["one", "two", "near", "here"]);
    // The other end of the cable is lost: the route stays, and its link is down.
    network.world("link set b0 down");
    watch.warns("You are offline: this machine has no network");
    network.world("link set b0 up");
    watch.warns("over: ");
    watch.goes_on("one");
    watch.is_calm(&["one", "two", "near", "here"]);
    network.world("addr del 198.51.100.1/32 dev lo");
    watch.tells("/Site/one: DOWN");
    assert_eq!(watch.running.end(Signal::TERM), Some(0));
}

#[test]
fn a_single_check_says_when_it_is_this_machine() {
    let Some(network) = NamespaceNetwork::start() else {
        return;
    };
    network.ours("route del default");
    let mut up = Up::with(SITE);
    up.through(&network.through());
    let outcome = up.run(["-v"]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let line = |name: &str| {
        let line = outcome.out.lines().find(|line| line.contains(name));
        line.unwrap_or_else(|| panic!("{name} in {outcome:?}"))
            .to_owned()
    };
    for name in ["one", "two"] {
        let line = line(name);
        assert!(line.contains("this machine itself is offline"), "{line}");
    }
    assert!(line("near").contains("UP"), "{outcome:?}");
}
