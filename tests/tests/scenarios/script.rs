//! The scenario file: its keys, and the configuration that it stands for.

use std::collections::BTreeMap;

use serde::Deserialize;
use up_core::Mood;
use up_source::WrittenDuration;

use crate::network::{NetworkStep, SleepStep};

/// One scenario. `tests/scenarios/README.md` says it with examples.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// The rule that it shows, in a sentence.
    pub(crate) about: String,
    /// Keys for the top of up.toml, as text.
    #[serde(default)]
    pub(crate) config: String,
    /// The sources, `t/x` for one in a tree.
    pub(crate) sources: String,
    /// Further keys of a source or tree, by path.
    #[serde(default)]
    pub(crate) source: BTreeMap<String, toml::Table>,
    /// What a source answers, one letter each time that it is asked; the last one goes on. A source
    /// that is not named is up.
    #[serde(default)]
    pub(crate) samples: BTreeMap<String, String>,
    /// What happens at some time.
    #[serde(default)]
    pub(crate) event: Vec<ScenarioEvent>,
    /// When it ends.
    pub(crate) until: WrittenDuration,
    /// The changes of verdicts, when the scenario is about them.
    pub(crate) changes: Option<Vec<String>>,
    /// What people are told.
    pub(crate) told: Vec<String>,
}

/// Something that happens.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioEvent {
    /// When, from the start.
    pub(crate) at: WrittenDuration,
    /// What sources answer from now on, a letter each. A tree's name means all in it.
    #[serde(default)]
    pub(crate) set: BTreeMap<String, char>,
    /// A person changes the mood.
    pub(crate) mood: Option<Mood>,
    /// A person asks for this, as on the command line: `snooze t/x 5m`, `ack a`, `pause t`,
    /// `mute 1h`, `mute`; undone by `unsnooze a`, `unack a`, `resume t`, `unmute`. `/` is the root.
    #[serde(default)]
    pub(crate) control: Vec<String>,
    /// Up ends and is started again; with `reload`, the file is another then.
    pub(crate) restart: Option<Restart>,
    /// Our own network changes.
    pub(crate) network: Option<NetworkStep>,
    /// The machine sleeps: the wall clock goes on, and nothing else does.
    pub(crate) sleep: Option<SleepStep>,
    /// The wall clock is set forward by so many seconds, or back.
    #[serde(default)]
    pub(crate) clock: f64,
    /// The configuration is read again, with this in place of `config`, and these `sources`.
    pub(crate) reload: Option<Reload>,
}

/// Up ends and is started again.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Restart {
    /// So long after it ended.
    pub(crate) off: WrittenDuration,
    /// It is killed: what was not on the disk is lost.
    pub(crate) killed: bool,
    /// What it kept cannot be read.
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
    /// The up.toml that it begins with.
    pub(crate) fn configuration(&self) -> String {
        self.written(&self.config, &self.sources)
    }

    /// The up.toml of another `config` and other sources, with the same keys of each.
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
