//! Receipts: a sink that delivers notices reports what became of each, so that an undelivered
//! notice is delivered again after a restart.

use std::sync::Arc;

use up_core::{Notice, Timestamp};
use up_history::state::{DeliveryState, Receipt, ShownNotice, StateStore};

/// The place where a sink reports what became of its notices. Without a state to keep receipts in,
/// reports are dropped.
#[derive(Clone, Debug, Default)]
pub struct Receipts(Option<Arc<PendingReceipts>>);

#[derive(Debug)]
struct PendingReceipts {
    sink: String,
    store: StateStore,
    shown: Vec<ShownNotice>,
}

impl Receipts {
    /// The receipts of the sink named `sink`, kept in `store`. `shown` are the notices that the
    /// sink displayed when Up last stopped, oldest first.
    pub fn new(sink: String, store: Option<StateStore>, shown: Vec<ShownNotice>) -> Self {
        let kept = |store| PendingReceipts { sink, store, shown };
        Self(store.map(kept).map(Arc::new))
    }

    /// The notices that the sink displayed when Up last stopped, oldest first.
    pub fn shown(&self) -> &[ShownNotice] {
        self.0.as_ref().map_or(&[], |kept| &kept.shown)
    }

    /// Reports that the sink has this notice. `place` says where it displays the notice, if it
    /// does.
    pub fn delivered(&self, notice: &Notice, place: Option<String>) {
        self.note((notice.id, notice.date), DeliveryState::Delivered, place);
    }

    /// Reports that a later notice of the same incident replaced this one before the sink had it.
    pub fn superseded(&self, notice: &Notice) {
        self.note((notice.id, notice.date), DeliveryState::Superseded, None);
    }

    /// Reports that the sink will never have this notice. `why` is for a person and has no secrets.
    pub fn refused(&self, notice: &Notice, why: &str) {
        let state = DeliveryState::Refused(why.to_owned());
        self.note((notice.id, notice.date), state, None);
    }

    pub(crate) fn note(
        &self,
        (id, date): (u64, Timestamp),
        state: DeliveryState,
        place: Option<String>,
    ) {
        if let Some(kept) = &self.0 {
            let sink = kept.sink.clone();
            kept.store.note(Receipt {
                sink,
                id,
                date,
                fate: state,
                place,
            });
        }
    }
}
