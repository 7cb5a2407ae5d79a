//! The troubles of the file itself, beside those of writing samples: what is reported while samples go
//! on being kept.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::store::StoreError;

/// What a trouble of the file is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UpkeepKind {
    /// A damaged file was set aside.
    SetAside,
    /// The file was moved or replaced.
    Moved,
    /// Samples are not being packed.
    Fold,
    /// Rollups are not being made.
    RollUp,
    /// What is too old is not being removed.
    Prune,
}

impl UpkeepKind {
    /// The trouble, for a person.
    fn text(self, error: &StoreError) -> String {
        let what = match self {
            Self::SetAside => "The history cannot be set aside",
            Self::Moved => "The history cannot be opened again",
            Self::Fold => "The history is not being packed and takes more room until it is",
            Self::RollUp => "The history's rollups are not being made, so that queries take longer",
            Self::Prune => "What is too old is not being removed from the history",
        };
        format!("{what}: {}", error.message)
    }
}

/// The present troubles, one line each for a person.
#[derive(Clone)]
pub(super) struct UpkeepTroubles {
    lines: watch::Sender<BTreeMap<UpkeepKind, String>>,
}

impl UpkeepTroubles {
    pub(super) fn new() -> Self {
        Self {
            lines: watch::channel(BTreeMap::new()).0,
        }
    }

    /// Notifies of every change.
    pub(super) fn watch(&self) -> watch::Receiver<BTreeMap<UpkeepKind, String>> {
        self.lines.subscribe()
    }

    /// Sets or clears a trouble.
    pub(super) fn set(&self, kind: UpkeepKind, text: Option<String>) {
        self.lines.send_if_modified(|lines| match text {
            Some(text) => lines.insert(kind, text.clone()) != Some(text),
            None => lines.remove(&kind).is_some(),
        });
    }

    /// Says what became of a damaged file. It is said until Up ends.
    pub(super) fn set_aside(&self, text: Option<String>) {
        if text.is_some() {
            self.set(UpkeepKind::SetAside, text);
        }
    }

    /// A failure is a trouble, and a success is its end.
    pub(super) fn follow<T>(&self, kind: UpkeepKind, done: &Result<T, StoreError>) {
        self.set(kind, done.as_ref().err().map(|error| kind.text(error)));
    }
}
