//! Who is fed from what this process writes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The targets of now, shared by the handles and the writer.
#[derive(Clone, Default)]
pub(super) struct Targets {
    // The writer reads it once a transaction; nobody holds it for longer than a copy takes.
    named: Arc<Mutex<NamedTarget>>,
}

#[derive(Default)]
struct NamedTarget {
    count: u64,
    by_number: BTreeMap<u64, TargetRow>,
}

struct TargetRow {
    key: String,
    agent: String,
}

impl Targets {
    pub(super) fn add(&self, key: &str, agent: &str) -> TargetLease {
        let mut named = self.lock();
        let number = named.count;
        named.count += 1;
        let (key, agent) = (key.to_owned(), agent.to_owned());
        named.by_number.insert(number, TargetRow { key, agent });
        TargetLease {
            targets: self.clone(),
            number,
        }
    }

    /// Each target's key, and the agent that it was named for last.
    pub(super) fn now(&self) -> BTreeMap<String, String> {
        let named = self.lock();
        let pair = |target: &TargetRow| (target.key.clone(), target.agent.clone());
        named.by_number.values().map(pair).collect()
    }

    fn lock(&self) -> MutexGuard<'_, NamedTarget> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A target is fed while this lives. Several may name the same one, so that a new feed can take
/// over from an old one without a gap.
pub(crate) struct TargetLease {
    targets: Targets,
    number: u64,
}

impl Drop for TargetLease {
    fn drop(&mut self) {
        self.targets.lock().by_number.remove(&self.number);
    }
}
