//! The troubles of Up itself. Every part of the engine sets a line for its own trouble, and clears
//! it when the trouble is over.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::watch;
use up_core::line::one_line;
use up_sink::SinkTrouble;

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

    /// Shows the trouble of a sink for as long as there is the sink.
    pub(crate) async fn follow(
        &self,
        kind: TroubleKind,
        who: &str,
        mut troubles: watch::Receiver<Option<SinkTrouble>>,
    ) {
        while troubles.changed().await.is_ok() {
            let trouble = troubles.borrow_and_update().clone();
            self.put(kind, who, trouble.map(|said| (said.text, said.class)));
        }
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

    #[tokio::test]
    async fn the_trouble_of_a_sink_is_compared_by_its_class() {
        let health = Health::new();
        let (sink, troubles) = watch::channel(None);
        let shown = health.clone();
        let following = tokio::spawn(async move {
            shown.follow(TroubleKind::Sink, "hook", troubles).await;
        });
        let mut lines = health.watch();
        lines.mark_unchanged();
        let mut says = async |class: &str, text: &str| {
            let (class, text) = (class.into(), text.into());
            sink.send_replace(Some(SinkTrouble { class, text }));
            lines.changed().await.expect("the board is there");
            lines.mark_unchanged();
            health.troubles().pop().expect("a trouble")
        };
        let first = says("NoAnswer", "refused; it is sent again in 5 s").await;
        let again = says("NoAnswer", "refused; it is sent again in 10 s").await;
        assert_eq!(first.id, again.id);
        assert_eq!(again.text, "refused; it is sent again in 10 s");
        let other = says("Status(503)", "answered 503; it is sent again in 20 s").await;
        assert_ne!(again.id, other.id);
        sink.send_replace(None);
        lines.changed().await.expect("the board is there");
        assert_eq!(health.troubles().len(), 0);
        drop(sink);
        following.await.expect("it ends with the sink");
    }
}
