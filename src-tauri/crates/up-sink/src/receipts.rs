//! Receipts: a sink that tells people says what became of each notice, so that what it does not
//! have is handed over again after a restart.

use std::sync::Arc;

use up_core::{Notice, Timestamp};
use up_history::state::{DeliveryState, Receipt, ShownNotice, StateStore};

/// Where a sink says what became of notices. Without a state to keep it in, it says so to nobody.
#[derive(Clone, Debug, Default)]
pub struct Receipts(Option<Arc<PendingReceipts>>);

#[derive(Debug)]
struct PendingReceipts {
    sink: String,
    store: StateStore,
    shown: Vec<ShownNotice>,
}

impl Receipts {
    /// For the sink of that name, into that state. It showed these when Up stopped.
    pub fn new(sink: String, store: Option<StateStore>, shown: Vec<ShownNotice>) -> Self {
        let kept = |store| PendingReceipts { sink, store, shown };
        Self(store.map(kept).map(Arc::new))
    }

    /// What the sink showed when Up stopped, oldest first.
    pub fn shown(&self) -> &[ShownNotice] {
        self.0.as_ref().map_or(&[], |kept| &kept.shown)
    }

    /// The sink has this notice, and shows it there, if it shows it somewhere.
    pub fn delivered(&self, notice: &Notice, place: Option<String>) {
        self.note((notice.id, notice.date), DeliveryState::Delivered, place);
    }

    /// A later notice of the same outage took its place before the sink had it.
    pub fn superseded(&self, notice: &Notice) {
        self.note((notice.id, notice.date), DeliveryState::Superseded, None);
    }

    /// The sink will never have it, and why; no secrets.
    pub fn refused(&self, notice: &Notice, why: &str) {
        let fate = DeliveryState::Refused(why.to_owned());
        self.note((notice.id, notice.date), fate, None);
    }

    pub(crate) fn note(
        &self,
        (id, date): (u64, Timestamp),
        fate: DeliveryState,
        place: Option<String>,
    ) {
        if let Some(kept) = &self.0 {
            let sink = kept.sink.clone();
            kept.store.note(Receipt {
                sink,
                id,
                date,
                fate,
                place,
            });
        }
    }
}
