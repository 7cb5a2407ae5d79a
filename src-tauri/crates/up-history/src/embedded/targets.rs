//! Who is fed from what this process writes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The targets of now, shared by the handles and the writer.
#[derive(Clone, Default)]
pub(super) struct Targets {
    // The writer reads it once a transaction; nobody holds it for longer than a copy takes.
    named: Arc<Mutex<Named>>,
}

#[derive(Default)]
struct Named {
    count: u64,
    by_number: BTreeMap<u64, Target>,
}

struct Target {
    key: String,
    agent: String,
}

impl Targets {
    pub(super) fn add(&self, key: &str, agent: &str) -> Fed {
        let mut named = self.lock();
        let number = named.count;
        named.count += 1;
        let (key, agent) = (key.to_owned(), agent.to_owned());
        named.by_number.insert(number, Target { key, agent });
        Fed {
            targets: self.clone(),
            number,
        }
    }

    /// Each target's key, and the agent that it was named for last.
    pub(super) fn now(&self) -> BTreeMap<String, String> {
        let named = self.lock();
        let pair = |target: &Target| (target.key.clone(), target.agent.clone());
        named.by_number.values().map(pair).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Named> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A target is fed while this lives. Several may name the same one, so that a new feed can take
/// over from an old one without a gap.
pub(crate) struct Fed {
    targets: Targets,
    number: u64,
}

impl Drop for Fed {
    fn drop(&mut self) {
        self.targets.lock().by_number.remove(&self.number);
    }
}
