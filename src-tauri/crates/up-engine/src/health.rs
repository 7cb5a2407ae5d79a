//! One board for all that is wrong with Up itself: whoever has trouble writes its own line, and
//! wipes it when it is over.

use std::collections::BTreeMap;

use tokio::sync::watch;
use up_core::line::one_line;

use crate::view::{Trouble, TroubleKind};

/// So much of a trouble is logged, in bytes.
const LOGGED: usize = 2_000;

/// The board. Cheap to clone; every clone writes on the same one.
#[derive(Clone)]
pub(crate) struct Health {
    lines: watch::Sender<BTreeMap<(TroubleKind, String), String>>,
}

impl Health {
    /// Nothing is wrong.
    pub(crate) fn new() -> Self {
        Self {
            lines: watch::channel(BTreeMap::new()).0,
        }
    }

    /// Writes the line of `who`, or wipes it.
    pub(crate) fn set(&self, kind: TroubleKind, who: &str, text: Option<String>) {
        // `who` may be a secret, and is not logged.
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

    /// Wipes all lines of that kind.
    pub(crate) fn wipe(&self, kind: TroubleKind) {
        self.lines.send_if_modified(|lines| {
            let before = lines.len();
            lines.retain(|(line, _), _| *line != kind);
            lines.len() != before
        });
    }

    /// Says when a line changed, first of all for those that are there already.
    pub(crate) fn watch(&self) -> watch::Receiver<BTreeMap<(TroubleKind, String), String>> {
        let mut lines = self.lines.subscribe();
        lines.mark_changed();
        lines
    }

    /// All lines, most important first.
    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        let line = |((kind, _), text): (&(TroubleKind, String), &String)| Trouble {
            kind: *kind,
            text: text.clone(),
        };
        self.lines.borrow().iter().map(line).collect()
    }
}
