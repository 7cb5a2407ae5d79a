//! The troubles of Up itself. Every part of the engine sets a line for its own trouble, and clears
//! it when the trouble is over.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::watch;
use up_core::line::one_line;

use crate::view::{Trouble, TroubleKind};

/// The longest part of a trouble that is logged, in bytes.
const LOGGED: usize = 2_000;

/// The current troubles. Clones are cheap and share the same lines.
#[derive(Clone)]
pub(crate) struct Health {
    lines: watch::Sender<TroubleLines>,
}

/// The troubles by kind and by whose they are.
type TroubleLines = BTreeMap<(TroubleKind, String), TroubleLine>;

/// One trouble.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TroubleLine {
    text: String,
    /// Equal for two lines that report the same trouble.
    id: u64,
}

impl Health {
    /// No troubles.
    pub(crate) fn new() -> Self {
        Self {
            lines: watch::channel(BTreeMap::new()).0,
        }
    }

    /// Sets the trouble of `who`; `None` clears it. Another text is another trouble.
    pub(crate) fn set(&self, kind: TroubleKind, who: &str, text: Option<String>) {
        self.put(kind, who, text.map(|text| (text.clone(), text)));
    }

    /// Like `set`, for a trouble whose text is a server's or SQLite's. The text may differ each time
    /// (by a session's id): only another `class` is another trouble.
    pub(crate) fn set_class(
        &self,
        kind: TroubleKind,
        who: &str,
        class: impl std::fmt::Debug,
        text: String,
    ) {
        self.put(kind, who, Some((text, format!("{class:?}"))));
    }

    fn put(&self, kind: TroubleKind, who: &str, trouble: Option<(String, String)>) {
        // `who` may be a secret and is not logged.
        let said = trouble.as_ref().map(|(text, _)| one_line(text, LOGGED));
        let mut is_other = false;
        self.lines.send_if_modified(|lines| {
            let key = (kind, who.to_owned());
            let Some((text, class)) = trouble else {
                is_other = lines.remove(&key).is_some();
                return is_other;
            };
            let mut id = DefaultHasher::new();
            (&key, class).hash(&mut id);
            let line = TroubleLine {
                text,
                id: id.finish(),
            };
            let before = lines.insert(key, line.clone());
            is_other = before.as_ref().is_none_or(|before| before.id != line.id);
            before != Some(line)
        });
        match said {
            Some(said) if is_other => tracing::warn!(?kind, "trouble: {said}"),
            None if is_other => tracing::info!(?kind, "trouble is over"),
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
    pub(crate) fn watch(&self) -> watch::Receiver<TroubleLines> {
        let mut lines = self.lines.subscribe();
        lines.mark_changed();
        lines
    }

    /// All troubles, the most important first.
    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        let line = |((kind, _), line): (&(TroubleKind, String), &TroubleLine)| Trouble {
            kind: *kind,
            id: line.id,
            text: line.text.clone(),
        };
        self.lines.borrow().iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_changes_is_the_same_trouble_within_its_class() {
        let health = Health::new();
        let id = || health.troubles().first().map(|trouble| trouble.id);
        let mongo = |class: &str, text: &str| {
            health.set_class(TroubleKind::Mongo, "db", class, text.into());
            id()
        };
        let first = mongo("Refused", "not permitted in session 1");
        assert_eq!(first, mongo("Refused", "not permitted in session 2"));
        assert_eq!(health.troubles()[0].text, "not permitted in session 2");
        assert_ne!(first, mongo("Unavailable", "no server answers"));
        health.set(TroubleKind::Mongo, "db", None);
        assert_eq!(id(), None);
        let config = |text: &str| {
            health.set(TroubleKind::Config, "", Some(text.into()));
            id()
        };
        assert_ne!(config("a mistake"), config("another mistake"));
    }
}
