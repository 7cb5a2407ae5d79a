//! Sends changes to the panel while it is shown. While it is hidden, nothing is done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::watch;
use up_engine::view::CurrentState;
use up_wire::{EVENT, Header, PanelEvent, Tree};

use crate::panel::{self, LABEL};
use crate::rows;
use crate::state::AppState;

/// The least time between two events: at most four are sent in a second.
const MIN_INTERVAL: Duration = Duration::from_millis(250);

/// The state that the page was last sent.
#[derive(Default)]
pub(crate) struct PushedState {
    /// The lock is held for moments only, by the sending task and by requests for the tree.
    last: Mutex<Option<SentState>>,
}

struct SentState {
    shape: u32,
    revision: u64,
    header: Header,
}

impl PushedState {
    /// Records that the page was sent `tree`, or is about to be, at this revision of the world.
    pub(crate) fn tree(&self, tree: &Tree, revision: u64) {
        *self.last() = Some(SentState {
            shape: tree.shape,
            revision,
            header: tree.header.clone(),
        });
    }

    fn last(&self) -> MutexGuard<'_, Option<SentState>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The event that brings the page up to date, if it is not. It is recorded as sent.
    fn next(&self, seen: &CurrentState, header: Header) -> Option<PanelEvent> {
        let mut last = self.last();
        // Before the page has requested the tree, there is nothing to bring up to date.
        let known = last.as_mut()?;
        let revision = seen.world.revision();
        if seen.shape != known.shape {
            *known = SentState {
                shape: seen.shape,
                revision,
                header: header.clone(),
            };
            return Some(PanelEvent::Tree(rows::tree(seen, header)));
        }
        if known.revision == revision && known.header == header {
            return None;
        }
        let since = std::mem::replace(&mut known.revision, revision);
        known.header = header.clone();
        Some(PanelEvent::Rows(rows::changed(seen, since, header)))
    }
}

/// The state that the panel of the application was last sent.
pub(crate) fn pushed(app: &AppHandle) -> &PushedState {
    app.state::<PushedState>().inner()
}

/// Sends changes for as long as the application runs.
pub(crate) fn push(app: AppHandle, up: Arc<AppState>) {
    let shown = panel::panel(&app).shown();
    tokio::spawn(follow(app, up, shown));
}

async fn follow(app: AppHandle, up: Arc<AppState>, mut shown: watch::Receiver<bool>) {
    let (mut changes, mut problems) = (up.view.news(), up.problems.changes());
    // A new window starts with the current icon, so that at worst it is set twice.
    let mut shown_face = None;
    while shown.wait_for(|shown| *shown).await.is_ok() {
        let event = up
            .view
            .read(|known| pushed(&app).next(known, rows::header_now(&up, known)));
        if let Some(event) = event {
            // Sending fails only when the window has just gone.
            let _ = app.emit_to(LABEL, EVENT, event);
        }
        let face = panel::face(&up);
        if shown_face.replace(face) != Some(face) {
            panel::set_icon(&app, face);
        }
        tokio::time::sleep(MIN_INTERVAL).await;
        tokio::select! {
            next = changes.changed() => if next.is_err() { break },
            () = problems.next() => {}
            hidden = shown.wait_for(|shown| !*shown) => if hidden.is_err() { break },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use up_core::world::TreeTiming;

    use super::*;
    use crate::test_support::{ScriptedLeaf as Leaf, known, sample};

    /// The next event for the page: `tree`, the ids of the changed rows, or nothing.
    fn next(pushed: &PushedState, known: &CurrentState) -> Option<String> {
        let header = rows::header(known, Vec::new(), Path::new("up.toml"), false);
        pushed.next(known, header).map(|event| match event {
            PanelEvent::Tree(_) => "tree".into(),
            PanelEvent::Rows(changed) => {
                let ids = changed.rows.iter().map(|row| row.id.to_string());
                ids.collect::<Vec<_>>().join(" ")
            }
            other => format!("{other:?}"),
        })
    }

    fn check(pushed: &PushedState, known: &CurrentState, expected: Option<&str>) {
        assert_eq!(next(pushed, known).as_deref(), expected);
    }

    #[test]
    fn a_page_is_told_what_it_does_not_know_and_nothing_twice() {
        let pushed = PushedState::default();
        let mut known = known(&[("a", Leaf::At(1.0)), ("b", Leaf::At(1.0))]);
        check(&pushed, &known, None);
        let header = rows::header(&known, Vec::new(), Path::new("up.toml"), false);
        pushed.tree(&rows::tree(&known, header), known.world.revision());
        check(&pushed, &known, None);
        let id = known.world.outline().find("/Root/b").expect("it is there");
        known.world.apply(id, sample(Some(0.5), 1_030.0));
        known.world.settle(TreeTiming::Latest, 1_030.0);
        check(&pushed, &known, Some("0 2"));
        check(&pushed, &known, None);
        known.checking = true;
        check(&pushed, &known, Some(""));
        known.shape += 1;
        check(&pushed, &known, Some("tree"));
        check(&pushed, &known, None);
    }
}
