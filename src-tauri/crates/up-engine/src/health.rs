//! The troubles of Up itself. Every part of the engine sets a line for its own trouble, and clears
//! it when the trouble is over.

use std::collections::BTreeMap;

use tokio::sync::watch;
use up_core::line::one_line;

use crate::view::{Trouble, TroubleKind};

/// The longest part of a trouble that is logged, in bytes.
const LOGGED: usize = 2_000;

/// The current troubles. Clones are cheap and share the same lines.
#[derive(Clone)]
pub(crate) struct Health {
    lines: watch::Sender<BTreeMap<(TroubleKind, String), String>>,
}

impl Health {
    /// No troubles.
    pub(crate) fn new() -> Self {
        Self {
            lines: watch::channel(BTreeMap::new()).0,
        }
    }

    /// Sets the trouble of `who`; `None` clears it.
    pub(crate) fn set(&self, kind: TroubleKind, who: &str, text: Option<String>) {
        // `who` may be a secret and is not logged.
        let said = text.as_ref().map(|text| one_line(text, LOGGED));
        let changed = self.lines.send_if_modified(|lines| {
            let key = (kind, who.to_owned());
            match text {
                Some(text) => lines.insert(key, text.clone()).as_ref() != Some(&text),
                None => lines.remove(&key).is_some(),
            }
        });
        match said {
            Some(said) if changed => tracing::warn!(?kind, "trouble: {said}"),
            None if changed => tracing::info!(?kind, "trouble is over"),
            _ => {}
        }
    }

    /// Clears all troubles of a kind.
    pub(crate) fn wipe(&self, kind: TroubleKind) {
        self.lines.send_if_modified(|lines| {
            let before = lines.len();
            lines.retain(|(line, _), _| *line != kind);
            lines.len() != before
        });
    }

    /// Notifies of every change. Existing lines count as a first change.
    pub(crate) fn watch(&self) -> watch::Receiver<BTreeMap<(TroubleKind, String), String>> {
        let mut lines = self.lines.subscribe();
        lines.mark_changed();
        lines
    }

    /// All troubles, the most important first.
    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        let line = |((kind, _), text): (&(TroubleKind, String), &String)| Trouble {
            kind: *kind,
            text: text.clone(),
        };
        self.lines.borrow().iter().map(line).collect()
    }
}
