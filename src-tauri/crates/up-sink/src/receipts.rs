//! Receipts: a sink that tells people says what became of each notice, so that what it does not
//! have is handed over again after a restart.

use up_core::{Notice, Timestamp};
use up_history::state::{Fate, Receipt, StateStore};

/// Where a sink says what became of notices. Without a state to keep it in, it says so to nobody.
#[derive(Clone, Debug, Default)]
pub struct Receipts(Option<(String, StateStore)>);

impl Receipts {
    /// For the sink of that name, into that state.
    pub fn new(sink: String, store: Option<StateStore>) -> Self {
        Self(store.map(|store| (sink, store)))
    }

    /// The sink has this notice.
    pub fn delivered(&self, notice: &Notice) {
        self.note(notice.id, notice.date, Fate::Delivered);
    }

    /// A later notice of the same outage took its place before the sink had it.
    pub fn superseded(&self, notice: &Notice) {
        self.note(notice.id, notice.date, Fate::Superseded);
    }

    /// The sink will never have it, and why; no secrets.
    pub fn refused(&self, notice: &Notice, why: &str) {
        self.note(notice.id, notice.date, Fate::Refused(why.to_owned()));
    }

    pub(crate) fn note(&self, id: u64, date: Timestamp, fate: Fate) {
        if let Self(Some((sink, store))) = self {
            let sink = sink.clone();
            store.note(Receipt {
                sink,
                id,
                date,
                fate,
            });
        }
    }
}
