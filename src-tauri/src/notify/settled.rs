//! Brings the bubbles in line with the engine's state: closes those that say what is not so any
//! more and that no notice will replace, and shows or closes the one about the configuration.

use std::path::Path;

use up_core::{Level, Verdict};
use up_engine::view::{CurrentState, View};

use super::Notifier;
use super::backend::NotificationBackend;
use super::config_bubble::{self, NextStep};

impl Notifier {
    /// Brings the bubbles in line with the engine's state. `config` is the path of the
    /// configuration, which need not exist.
    pub(super) async fn settle(
        &mut self,
        backend: &mut impl NotificationBackend,
        view: &View,
        config: &Path,
    ) {
        let exists = config.exists();
        let (settled, trouble) = view.read(|known| {
            let settled = self.bubbles.settled(|path| is_settled(known, path));
            (settled, config_bubble::trouble(known, exists))
        });
        for bubble in settled {
            backend.close_bubble(bubble).await;
            self.bubbles.mark_closed(bubble);
        }
        match self.config.next(trouble) {
            NextStep::Show(id, bubble, over) => match backend.show(&bubble, over).await {
                Ok(shown) => {
                    self.config.record(id, Some(shown));
                    self.report(Ok(()));
                }
                Err(refusal) => {
                    if !refusal.is_retryable() {
                        self.config.record(id, None);
                    }
                    self.report(Err(refusal));
                }
            },
            NextStep::Mended(bubble) => {
                if let Some(bubble) = bubble {
                    backend.close_bubble(bubble).await;
                }
                self.config = config_bubble::ConfigBubble::default();
            }
            NextStep::Nothing => {}
        }
    }
}

/// True if a bubble need not say any more that the source is not up: a person has dealt with it, or
/// it is up and nobody is to be notified of that.
fn is_settled(known: &CurrentState, path: &str) -> bool {
    let Some(id) = known.world.outline().find(path) else {
        // A notice will take the bubble back.
        return false;
    };
    let standing = known.desk.standing(id);
    let is_tree = known.world.outline().node(id).is_tree();
    let is_acknowledged = if is_tree {
        known.desk.controls().acknowledgement(path).is_some()
    } else {
        known.desk.is_acknowledged(path)
    };
    let is_up = known.world.verdict(id) == Verdict::At(Level::Up);
    standing.paused
        || standing.maintenance.is_some()
        || standing.snoozed.is_some()
        || is_acknowledged
        || (is_up && known.desk.is_silent(id))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use up_core::Control;
    use up_core::control::ControlState;
    use up_core::moment::Moment;

    use super::*;
    use crate::test_support::{ScriptedLeaf, known};

    #[test]
    fn a_bubble_is_settled_by_whoever_dealt_with_it_or_by_an_end_that_is_not_told() {
        let check = |status: f64, controls: &[Control], path: &str, expected: bool| {
            let mut known = known(&[("a", ScriptedLeaf::At(status))]);
            let now = Moment {
                steady: Duration::ZERO,
                wall: 1_000.0,
            };
            let mut desk = ControlState::default();
            for control in controls {
                desk.control(&known.world, control, now);
            }
            desk.settle(&known.world, now);
            known.desk = desk;
            let settled = is_settled(&known, path);
            assert_eq!(settled, expected, "{status} {controls:?} {path}");
        };
        let snooze = |path: &str| Control::Snooze {
            path: path.into(),
            until: 2_000.0,
        };
        let (root, leaf) = ("/Root", "/Root/a");
        let mute = [Control::Mute { until: None }];
        check(0.0, &[], root, false);
        check(0.0, &[], leaf, false);
        check(0.0, &[], "/Root/gone", false);
        check(0.0, &[snooze(leaf)], leaf, true);
        check(0.0, &[snooze(leaf)], root, false);
        check(0.0, &[snooze(root)], leaf, true);
        let path = leaf.to_owned();
        check(0.0, &[Control::Pause { path }], leaf, true);
        let (path, note) = (root.to_owned(), None);
        let by = None;
        let acknowledge = Control::Acknowledge { path, note, by };
        check(0.0, &[acknowledge], root, true);
        check(0.0, &mute, root, false);
        // The notice of a recovery replaces the bubble, unless there will be none.
        check(1.0, &[], root, false);
        check(1.0, &mute, root, true);
    }
}
