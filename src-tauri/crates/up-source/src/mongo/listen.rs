//! Between two checks: a change stream says that a check would find something new. What it is, the check
//! reads. A server without change streams is read at the interval alone.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::sleep;
use up_core::Status;
use up_history::mongo::{ChangesEnd, FleetChange};

use super::FleetSource;
use super::seen::Seen;

/// The shortest time between two checks for what is new.
const PAUSE: Duration = Duration::from_secs(1);

/// A check for what is new begins no sooner after the last one than so many times what that one took: a
/// large fleet keeps its MongoDB busy with at most a tenth of the time.
const REST: u32 = 10;

/// The pause before a stream that broke is opened again, doubled each time up to the longest.
const RETRY: Duration = Duration::from_secs(2);
const LONGEST_RETRY: Duration = Duration::from_mins(5);

/// A server without change streams may have become a replica set after this time.
const UNSUPPORTED: Duration = Duration::from_mins(10);

/// So many samples after a change are news too: they confirm it.
const CONFIRMING: u8 = 5;

/// So many paths are followed after a change at once.
const FOLLOWED: usize = 1_000;

/// Listens until it is dropped.
pub(super) async fn listen(source: &FleetSource, news: &(dyn Fn() + Send + Sync)) {
    let changed = Notify::new();
    // A change that comes meanwhile is kept by `Notify`.
    let tell = async {
        loop {
            changed.notified().await;
            news();
            let took = *source.took.lock().unwrap_or_else(PoisonError::into_inner);
            sleep(PAUSE.max(took * REST)).await;
        }
    };
    tokio::select! {
        () = tell => {}
        () = follow(source, &changed) => {}
    }
}

async fn follow(source: &FleetSource, changed: &Notify) {
    let mut pause = RETRY;
    loop {
        let (mut followed, mut heard) = (FollowedChanges::default(), false);
        let end = source.store.changes(&source.scope, |change| {
            heard = true;
            if followed.is_news(&change, &source.seen()) {
                changed.notify_one();
            }
        });
        let end = end.await;
        if heard {
            pause = RETRY;
            // What was written while nobody listened.
            changed.notify_one();
        }
        match end {
            ChangesEnd::Unsupported => sleep(UNSUPPORTED).await,
            ChangesEnd::Failed => {
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_RETRY);
            }
        }
    }
}

/// The paths that changed lately, and how many more samples of each are news.
#[derive(Default)]
struct FollowedChanges(HashMap<(String, String), u8>);

impl FollowedChanges {
    /// True if a check would find another status, or one more sample of a status that is new.
    fn is_news(&mut self, change: &FleetChange, seen: &Seen) -> bool {
        let key = (change.agent.clone(), change.path.clone());
        let status = change.status.and_then(Status::new);
        if seen.differs(&change.agent, &change.path, status) {
            if self.0.len() < FOLLOWED {
                self.0.insert(key, CONFIRMING);
            }
            return true;
        }
        let Some(left) = self.0.get_mut(&key) else {
            return false;
        };
        *left -= 1;
        if *left == 0 {
            self.0.remove(&key);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_and_what_confirms_it_are_news() {
        let seen = super::super::tests::seen_up("a", "/R/x");
        let mut followed = FollowedChanges::default();
        let mut check = |path: &str, status: Option<f64>, expected: bool| {
            let change = FleetChange {
                agent: "a".into(),
                path: path.into(),
                status,
            };
            assert_eq!(followed.is_news(&change, &seen), expected, "{change:?}");
        };
        check("/R/x", Some(1.0), false);
        check("/R/x", Some(0.0), true);
        check("/R/y", Some(1.0), true);
        check("/R/x", None, true);
        for _ in 0..CONFIRMING {
            check("/R/x", Some(1.0), true);
        }
        check("/R/x", Some(1.0), false);
    }
}
