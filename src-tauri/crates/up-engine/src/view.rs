//! What is known, for those who draw it: the tray, the panel, `up watch`.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;
use up_config::Plan;
use up_core::control::ControlState;
use up_core::{Control, Mood, Outline, Timestamp, World};
use up_history::Store;

/// Something to know about Up itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What it is about.
    pub kind: TroubleKind,
    /// For a person; may have several lines.
    pub text: String,
}

/// What a trouble is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TroubleKind {
    /// up.toml cannot be read or is wrong; the last good one goes on, if there was one.
    Config,
    /// Our own network is gone, or part of it.
    Network,
    /// The embedded history cannot be written.
    History,
    /// A `MongoDB` does not take what it is sent.
    Mongo,
    /// What people snooze, acknowledge and pause cannot be read or kept.
    Controls,
    /// A webhook or a command does not take what people are told.
    Sink,
    /// What was judged and told cannot be kept, or what was kept cannot be read.
    State,
    /// A source tells of more new names than are taken up.
    Names,
}

/// A cheap handle on what is known.
#[derive(Clone)]
pub struct View {
    inner: Arc<ViewInner>,
}

struct ViewInner {
    /// Written by the engine's loop only, in short strokes; everyone else reads.
    known: RwLock<CurrentState>,
    /// Bumped when anything that can be seen has changed, at most ten times a second.
    news: watch::Sender<u64>,
}

/// Everything a panel shows.
pub struct CurrentState {
    /// The tree and what is known of it.
    pub world: World,
    /// Counts up whenever the tree's shape, a path or the mood changes.
    pub shape: u32,
    /// The configuration that runs; `None` while there was no good one yet.
    pub plan: Option<Arc<Plan>>,
    /// The mood of now.
    pub mood: Mood,
    /// What people asked for, and how each node stands by that.
    pub desk: ControlState,
    /// What a person should know about Up itself, most important first.
    pub troubles: Vec<Trouble>,
    /// True while a round that a person asked for is under way.
    pub checking: bool,
    /// Where history can be asked, first choice first: `MongoDB` when configured, then the
    /// embedded store. Empty while the embedded store cannot be opened.
    pub stores: Vec<Arc<dyn Store>>,
}

impl CurrentState {
    /// Why a control of a path that is there cannot be taken now; `None` when it can. For a person.
    pub fn cannot(&self, control: &Control, now: Timestamp) -> Option<String> {
        if let Some(problem) = control.problem(now) {
            return Some(problem.into());
        }
        if let Control::Acknowledge { path, .. } = control {
            let id = self.world.outline().find(path)?;
            if !self.world.is_in_trouble(id) {
                return Some(format!(
                    "{path} is not in trouble: there is nothing to acknowledge"
                ));
            }
        }
        self.desk.controls().idle(control, now)
    }
}

/// The path that may be meant by one that is not in the outline: the only one of that name, else the
/// nearest.
pub fn meant<'o>(outline: &'o Outline, path: &str) -> Option<&'o str> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let paths = || outline.iter().map(|(_, node)| &*node.path);
    let mut namesakes = paths().filter(|known| name(known) == name(path));
    match (namesakes.next(), namesakes.next()) {
        (Some(one), None) => Some(one),
        _ => up_config::nearest(path, &paths().collect::<Vec<_>>()),
    }
}

impl View {
    /// Reads what is known. Keep it short: the engine waits for it.
    pub fn read<R>(&self, look: impl FnOnce(&CurrentState) -> R) -> R {
        look(
            &self
                .inner
                .known
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Says when there is something new to read: coalesced, at most ten times a second.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.inner.news.subscribe()
    }

    /// The engine's own stroke.
    pub(crate) fn write<R>(&self, stroke: impl FnOnce(&mut CurrentState) -> R) -> R {
        stroke(
            &mut self
                .inner
                .known
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Tells whoever waits for news.
    pub(crate) fn publish(&self) {
        self.inner.news.send_modify(|count| *count += 1);
    }
}

impl Default for View {
    fn default() -> Self {
        let known = CurrentState {
            world: World::new(Outline::default()),
            shape: 0,
            plan: None,
            mood: Mood::default(),
            desk: ControlState::default(),
            troubles: Vec::new(),
            checking: false,
            stores: Vec::new(),
        };
        Self {
            inner: Arc::new(ViewInner {
                known: RwLock::new(known),
                news: watch::channel(0).0,
            }),
        }
    }
}
