//! The output of `up alerts` for a scenario: the notices are put into the real store, which is then
//! read.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::tz::TimeZone;
use up_core::state::SavedNotice;
use up_core::{Notice, Timestamp};
use up_history::state::{
    Alert, AlertQuery, Batch, DeliveryState, OutgoingNotice, Owner, Receipt, StateStore, alerts,
};
use up_sink::listing;

use crate::script::Scenario;
use crate::stage::{self, START};

/// The sink that gets all notices.
const SINK: &str = "webhook https://hooks.test";

/// The clock of the store, which shows the time of the notice that is recorded.
static CLOCK: AtomicU64 = AtomicU64::new(0);

fn clock() -> Timestamp {
    f64::from_bits(CLOCK.load(Ordering::Relaxed))
}

/// Plays the scenario, and returns the output of `up alerts` at its end.
pub(crate) fn list(script: &Scenario) -> String {
    let alerts = kept(&stage::play(script).notices);
    let mood = stage::load(&script.configuration()).mood;
    let time = |time: Timestamp| {
        let time = jiff::Timestamp::from_second(time as i64).expect("a time of the scenario");
        time.strftime("%H:%M:%S").to_string()
    };
    listing::text(&alerts, START, mood, &TimeZone::UTC, time)
}

/// The alerts in a store that records these notices in this order.
pub(crate) fn kept(notices: &[Notice]) -> Vec<Alert> {
    // The clock is shared, so that one store is used at a time.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let data = tempfile::tempdir().expect("a temporary directory");
    let config = data.path().join("up.toml");
    keep(data.path(), &config, notices);
    let asked = AlertQuery {
        config: Some(config),
        from: START,
        most: usize::MAX,
    };
    alerts(data.path(), &asked).expect("what was told can be read")
}

/// Records each notice as a running Up does: before it is sent, and again when the sink has it.
fn keep(data: &Path, config: &Path, notices: &[Notice]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    let opened = StateStore::open(data, &Owner::new("watch", config), clock);
    let store = opened.expect("a new state").store;
    let mut known = Vec::new();
    for notice in notices {
        let unique = (notice.id, notice.date.to_bits());
        // A notice without a receipt is sent again, and is in the store already.
        if known.contains(&unique) {
            continue;
        }
        known.push(unique);
        CLOCK.store(notice.date.to_bits(), Ordering::Relaxed);
        let telling = OutgoingNotice {
            notice: SavedNotice::from(notice),
            sinks: vec![SINK.into()],
        };
        let written = store.commit(Batch::default(), vec![telling]);
        runtime.block_on(written).expect("it can be written");
        store.note(Receipt {
            sink: SINK.into(),
            id: notice.id,
            date: notice.date,
            fate: DeliveryState::Delivered,
            place: None,
        });
        // An empty commit is answered when everything before it is on the disk.
        let noted = store.commit(Batch::default(), Vec::new());
        runtime.block_on(noted).expect("it can be written");
    }
    runtime.block_on(store.close());
}
