//! The current state of the engine, for those who display it: the tray, the panel, `up watch`.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;
use up_config::Plan;
use up_core::control::ControlState;
use up_core::{Control, Mood, Outline, Timestamp, World};
use up_history::Store;

/// A trouble of Up itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What the trouble is about.
    pub kind: TroubleKind,
    /// The same for the same trouble, even if its text has changed.
    pub id: u64,
    /// The trouble, for a person. It may have several lines.
    pub text: String,
}

/// What a trouble is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TroubleKind {
    /// The configuration cannot be read or is wrong. The last good one stays in use, if there was
    /// one.
    Config,
    /// This machine's network is gone, or a part of it.
    Network,
    /// The embedded history cannot be written.
    History,
    /// A `MongoDB` does not accept what is replicated to it.
    Mongo,
    /// The file of people's controls cannot be read or written.
    Controls,
    /// A webhook or a command does not accept notices.
    Sink,
    /// The persistent state cannot be written, or the saved one cannot be read.
    State,
    /// A source reports more new names than are accepted.
    Names,
}

/// A cheap handle to the current state.
#[derive(Clone)]
pub struct View {
    inner: Arc<ViewInner>,
}

struct ViewInner {
    /// Only the engine's loop writes it, and only briefly. Everyone else reads.
    known: RwLock<CurrentState>,
    /// Counts visible changes, at most ten a second.
    news: watch::Sender<u64>,
}

/// Everything that a panel shows.
pub struct CurrentState {
    /// The tree, and the state of its nodes.
    pub world: World,
    /// The version of the tree's shape. It grows when the shape, a path or the mood changes.
    pub shape: u32,
    /// The plan in use; `None` while no valid configuration has been read.
    pub plan: Option<Arc<Plan>>,
    /// The mood in use.
    pub mood: Mood,
    /// The controls that people set, and their effect on each node.
    pub desk: ControlState,
    /// The troubles of Up itself, the most important first.
    pub troubles: Vec<Trouble>,
    /// True while checks that a person asked for are under way.
    pub checking: bool,
    /// The stores to query for the history, the preferred first: the configured `MongoDB`s, then
    /// the embedded store. Empty while the embedded store cannot be opened.
    pub stores: Vec<Arc<dyn Store>>,
}

impl CurrentState {
    /// Why a control of an existing path is refused now, for a person; `None` when it is possible.
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

/// The path that was probably meant by an unknown one: the only one with that name, else the most
/// similar.
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
    /// Reads the current state. `look` must be brief, because the engine waits for it.
    pub fn read<R>(&self, look: impl FnOnce(&CurrentState) -> R) -> R {
        look(
            &self
                .inner
                .known
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Notifies of visible changes, at most ten times a second.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.inner.news.subscribe()
    }

    /// Changes the current state. Only the engine calls this.
    pub(crate) fn write<R>(&self, stroke: impl FnOnce(&mut CurrentState) -> R) -> R {
        stroke(
            &mut self
                .inner
                .known
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Notifies the readers of a change.
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
