//! Tells a panel that is shown what changes, and does nothing at all while none is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tauri::{AppHandle, Emitter};
use tokio::sync::watch;
use up_wire::{EVENT, Event, Header};

use crate::panel::LABEL;
use crate::rows;
use crate::wiring::Up;

/// The least time between two events: four a second.
const PACE: Duration = Duration::from_millis(250);

/// What the page knows already.
#[derive(Default)]
pub(crate) struct Told {
    /// Taken for moments only, by the teller and by whoever answers with a tree.
    last: Mutex<Option<Last>>,
}

struct Last {
    shape: u32,
    revision: u64,
    header: Option<Header>,
}

impl Told {
    /// The page was given, or is about to be given, the tree as it was then.
    pub(crate) fn tree(&self, shape: u32, revision: u64) {
        *self.last() = Some(Last {
            shape,
            revision,
            header: None,
        });
    }

    fn last(&self) -> MutexGuard<'_, Option<Last>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the page does not know yet, if there is anything; from then on it counts as told.
    fn next(&self, up: &Up) -> Option<Event> {
        let mut last = self.last();
        // Before the page has asked for the tree, there is nothing to bring up to date.
        let known = last.as_mut()?;
        up.view.read(|seen| {
            let revision = seen.world.revision();
            let header = rows::header(
                seen,
                up.problems.with(&seen.troubles),
                up.config_shown(seen),
            );
            if seen.shape != known.shape {
                *known = Last {
                    shape: seen.shape,
                    revision,
                    header: Some(header.clone()),
                };
                return Some(Event::Tree(rows::tree(seen, header)));
            }
            let same = known.revision == revision && known.header.as_ref() == Some(&header);
            if same {
                return None;
            }
            let since = std::mem::replace(&mut known.revision, revision);
            known.header = Some(header.clone());
            Some(Event::Rows(rows::changed(seen, since, header)))
        })
    }
}

/// Follows what is known for as long as the application runs.
pub(crate) fn tell(app: AppHandle, up: Arc<Up>) {
    let shown = up.panel.shown();
    tokio::spawn(follow(app, up, shown));
}

async fn follow(app: AppHandle, up: Arc<Up>, mut shown: watch::Receiver<bool>) {
    let (mut news, mut problems) = (up.view.news(), up.problems.news());
    while shown.wait_for(|shown| *shown).await.is_ok() {
        if let Some(event) = up.told.next(&up) {
            // Fails only when the window has just gone.
            let _ = app.emit_to(LABEL, EVENT, event);
        }
        tokio::time::sleep(PACE).await;
        tokio::select! {
            fresh = news.changed() => if fresh.is_err() { break },
            () = problems.next() => {}
            hidden = shown.wait_for(|shown| !*shown) => if hidden.is_err() { break },
        }
    }
}
