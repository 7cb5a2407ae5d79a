//! The agents of a fleet: each is a real `up watch` with a folder, a configuration and a history of its
//! own, as if it ran on another machine.

use up_tests::nginx::Nginx;
use up_tests::up::{RunningUp, Up};

/// What an agent checks.
#[derive(Clone, Copy, Debug)]
pub(super) struct FleetSite {
    /// The name of the root. The agent has the same name in lower case.
    pub(super) name: &'static str,
    /// Its trees. Each has four sources.
    pub(super) trees: &'static [&'static str],
}

pub(super) const BERLIN: FleetSite = FleetSite {
    name: "Berlin",
    trees: &["Web", "Mail", "Store"],
};
pub(super) const HAMBURG: FleetSite = FleetSite {
    name: "Hamburg",
    trees: &["Web"],
};
pub(super) const MUNICH: FleetSite = FleetSite {
    name: "Munich",
    trees: &["Web"],
};

impl FleetSite {
    pub(super) fn agent(self) -> String {
        self.name.to_lowercase()
    }

    /// The names of the sources, in the order of the panel, which sorts what an agent wrote.
    pub(super) fn sources(self) -> Vec<String> {
        let mut trees = self.trees.to_vec();
        trees.sort_unstable();
        let below = trees
            .into_iter()
            .flat_map(|tree| (1..=4).map(move |number| source(tree, number)));
        below.chain(["door".to_owned()]).collect()
    }

    /// The path of a source as its agent names it.
    pub(super) fn path(self, below: &str) -> String {
        format!("/{}/{below}", self.name)
    }

    fn config(self, uri: &str, nginx: &Nginx) -> String {
        let head = format!(
            r#"name = {:?}
            agent = {:?}
            interval = "1s"
            [alert]
            retry = "500ms"
            [[source]]
            type = "command"
            name = "door"
            command = ["sh", "-c", "test -e shut || {{ echo the door is open; exit 2; }}"]
            [[sink]]
            type = "mongo"
            uri = {uri:?}
            "#,
            self.name,
            self.agent()
        );
        let port = nginx.port();
        let leaf = |name: String| {
            format!(
                "[[source.source]]\ntype = \"tcp\"\nname = {name:?}\nhost = \"127.0.0.1\"\nport = {port}\n"
            )
        };
        let trees = self.trees.iter().map(|tree| {
            let leaves = (1..=4).map(|number| leaf(source(tree, number)));
            let leaves: String = leaves.collect();
            format!("[[source]]\ntype = \"tree\"\nname = {tree:?}\n{leaves}")
        });
        head + trees.collect::<String>().as_str()
    }
}

fn source(tree: &str, number: u32) -> String {
    format!("{} {number}", tree.to_lowercase())
}

/// A running agent. It is killed when it is dropped.
#[derive(Debug)]
pub(super) struct FleetAgent {
    up: Up,
    pub(super) watch: RunningUp,
}

impl FleetAgent {
    /// Starts it. It finds the MongoDB at that URI.
    pub(super) fn start(site: FleetSite, uri: &str, nginx: &Nginx) -> Self {
        let up = Up::with(site.config(uri, nginx));
        up.write("shut", "");
        let watch = up.start(["watch"]);
        Self { up, watch }
    }

    /// Starts it again after its end, with the same history.
    pub(super) fn start_again(&mut self) {
        self.watch = self.up.start(["watch"]);
    }

    /// Opens the door: the source of that name is down until it is shut.
    pub(super) fn open_door(&self) {
        std::fs::remove_file(self.up.dir().join("shut")).expect("the door is shut");
    }

    pub(super) fn shut_door(&self) {
        self.up.write("shut", "");
    }

    /// The dates of a path's samples in the agent's own history, in milliseconds, oldest first.
    pub(super) fn own_dates(&self, path: &str) -> Vec<i64> {
        // A configuration without the MongoDB, which would be asked first.
        let alone = "[[source]]\ntype = \"command\"\nname = \"x\"\ncommand = [\"true\"]";
        self.up.write("alone.toml", alone);
        let run = self.up.run(["-c", "alone.toml", "history", path, "--csv"]);
        let dates = run.out.lines().skip(1);
        let dates = dates.filter_map(|line| line.split(',').next()?.parse().ok());
        dates.map(millis).collect()
    }
}

/// A date in milliseconds, as packed samples have it.
pub(super) fn millis(date: f64) -> i64 {
    (date * 1e3).round() as i64
}
