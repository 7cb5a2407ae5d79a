//! The format of a scenario file: its keys, and the configuration that it describes.

use std::collections::BTreeMap;

use serde::Deserialize;
use up_core::Mood;
use up_source::WrittenDuration;

use crate::network::{NetworkStep, SleepStep};

/// A scenario. `tests/scenarios/README.md` describes it with examples.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// The rule that it shows, in a sentence.
    pub(crate) about: String,
    /// Keys for the top of up.toml, as text.
    #[serde(default)]
    pub(crate) config: String,
    /// The sources. `t/x` is one in a tree.
    pub(crate) sources: String,
    /// Further keys of a source or tree, by path.
    #[serde(default)]
    pub(crate) source: BTreeMap<String, toml::Table>,
    /// The results of a source, one letter for each check. The last one is repeated. A source
    /// without an entry is up.
    #[serde(default)]
    pub(crate) samples: BTreeMap<String, String>,
    /// What happens at some time.
    #[serde(default)]
    pub(crate) event: Vec<ScenarioEvent>,
    /// When it ends.
    pub(crate) until: WrittenDuration,
    /// The changes of verdicts, if the scenario is about them.
    pub(crate) changes: Option<Vec<String>>,
    /// The notices that people get.
    pub(crate) told: Vec<String>,
}

/// An event.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioEvent {
    /// The time of the event, from the start.
    pub(crate) at: WrittenDuration,
    /// The results of sources from now on, a letter each. The name of a tree stands for all sources
    /// in it.
    #[serde(default)]
    pub(crate) set: BTreeMap<String, char>,
    /// A person changes the mood.
    pub(crate) mood: Option<Mood>,
    /// A person gives this command, as on the command line: `snooze t/x 5m`, `ack a`, `pause t`,
    /// `mute 1h`, `mute`, or undoes it: `unsnooze a`, `unack a`, `resume t`, `unmute`. `/` is the
    /// root.
    #[serde(default)]
    pub(crate) control: Vec<String>,
    /// Up ends and is restarted. With `reload`, the configuration is another then.
    pub(crate) restart: Option<Restart>,
    /// Our own network changes.
    pub(crate) network: Option<NetworkStep>,
    /// The person logs in, which starts Up.
    #[serde(default)]
    pub(crate) login: bool,
    /// The machine sleeps: only the wall clock advances.
    pub(crate) sleep: Option<SleepStep>,
    /// The wall clock is set by this many seconds, forward or back.
    #[serde(default)]
    pub(crate) clock: f64,
    /// The configuration is reloaded, with this in place of `config`, and these `sources`.
    pub(crate) reload: Option<Reload>,
}

/// Up ends and is restarted.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Restart {
    /// How long it is off.
    pub(crate) off: WrittenDuration,
    /// It is killed, so that what is not on the disk is lost.
    pub(crate) killed: bool,
    /// Its state cannot be read.
    pub(crate) damaged: bool,
}

/// Another configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reload {
    #[serde(default)]
    pub(crate) config: String,
    pub(crate) sources: String,
}

impl Scenario {
    /// The up.toml at the start.
    pub(crate) fn configuration(&self) -> String {
        self.written(&self.config, &self.sources)
    }

    /// The up.toml with another `config` and other sources, with the same keys for each.
    pub(crate) fn written(&self, config: &str, sources: &str) -> String {
        let mut text = format!("name = \"R\"\n{config}\n");
        let mut trees: Vec<&str> = Vec::new();
        for path in sources.split_whitespace() {
            let names: Vec<&str> = path.split('/').collect();
            let shared = (trees.iter().zip(&names))
                .take_while(|(tree, name)| tree == name)
                .count();
            trees.truncate(shared.min(names.len() - 1));
            while trees.len() + 1 < names.len() {
                trees.push(names[trees.len()]);
                self.write(&mut text, &trees.join("/"), "tree");
            }
            self.write(&mut text, path, "tcp");
        }
        text
    }

    fn write(&self, text: &mut String, path: &str, kind: &str) {
        let names: Vec<&str> = path.split('/').collect();
        let header = vec!["source"; names.len()].join(".");
        let name = names.last().copied().unwrap_or_default();
        text.extend([format!(
            "[[{header}]]\ntype = \"{kind}\"\nname = \"{name}\"\n"
        )]);
        let keys = self.source.get(path);
        if kind == "tcp" && keys.is_none_or(|keys| !keys.contains_key("address")) {
            text.extend([format!("address = \"{name}.test:1\"\n")]);
        }
        for (key, value) in self.source.get(path).into_iter().flatten() {
            text.extend([format!("{key} = {value}\n")]);
        }
    }
}
