//! Brings the bubbles in line with the engine's state: closes those that say what is not so any
//! more and that no notice will replace, shows those again of which this is true in part, and shows
//! or closes the one about the configuration.

use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;
use up_core::alert::Member;
use up_core::{Level, Notice, Verdict};
use up_engine::clock;
use up_engine::view::{CurrentState, View};

use super::config_bubble::{self, NextStep};
use super::words::{self, DealtWith};
use super::{NotificationBackend, Notifier};
use crate::steer;

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
        self.show_outdated(backend, view).await;
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

impl Notifier {
    /// Shows the bubbles again that say of a member that it is down, although a person has dealt
    /// with it since.
    async fn show_outdated(&mut self, backend: &mut impl NotificationBackend, view: &View) {
        let (outdated, mood) = view.read(|known| {
            let outdated = self.bubbles.outdated(|notice| dealt_with(known, notice));
            (outdated, known.mood)
        });
        for (notice, dealt_with) in outdated {
            let over = self.bubbles.replaced_by(&notice).first().copied();
            let (now, zone) = (clock::now(), TimeZone::system());
            let bubble = words::bubble(&notice, &dealt_with, mood, now, &zone);
            match backend.show(&bubble, over).await {
                Ok(id) => self.bubbles.record(&notice, dealt_with, id),
                Err(refusal) => {
                    if let Some(over) = over.filter(|_| !refusal.is_retryable()) {
                        // The service would refuse it again.
                        self.bubbles.record(&notice, dealt_with, over);
                    }
                    self.report(Err(refusal));
                    return;
                }
            }
        }
    }
}

/// The members of the notice that it calls down and that need not be called so any more.
pub(super) fn dealt_with(known: &CurrentState, notice: &Notice) -> Vec<DealtWith> {
    let dealt_with = |member: &Member| {
        Some(DealtWith {
            path: Arc::clone(&member.path),
            how: settled_how(known, &member.path)?,
        })
    };
    notice.open().filter_map(dealt_with).collect()
}

/// True if a bubble need not say any more that the source is not up.
fn is_settled(known: &CurrentState, path: &str) -> bool {
    settled_how(known, path).is_some()
}

/// Why a bubble need not say any more that the source is not up: a person has dealt with it, or it is
/// up and nobody is to be notified of that. `None` if it must.
fn settled_how(known: &CurrentState, path: &str) -> Option<&'static str> {
    // If the source is not there any more, a notice will take the bubble back.
    let id = known.world.outline().find(path)?;
    let is_up = known.world.verdict(id) == Verdict::At(Level::Up);
    steer::dealt_with(&known.world, &known.desk, id)
        .or_else(|| (is_up && known.desk.is_silent(id)).then_some("recovered"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use up_core::Control;
    use up_core::control::ControlState;
    use up_core::moment::Moment;

    use super::*;
    use crate::test_support::{ScriptedLeaf, known, notice};

    #[test]
    fn what_is_down_and_dealt_with_is_said_to_be() {
        let mut known = known(&[("a", ScriptedLeaf::At(0.0)), ("b", ScriptedLeaf::At(0.0))]);
        let mut notice = notice(1, "/Root/a", 0.0);
        notice
            .members
            .extend(crate::test_support::notice(1, "/Root/b", 0.0).members);
        assert_eq!(dealt_with(&known, &notice), []);
        let now = Moment {
            steady: Duration::ZERO,
            wall: 1_000.0,
        };
        let path = "/Root/b".to_owned();
        known
            .desk
            .control(&known.world, &Control::Pause { path }, now);
        known.desk.settle(&known.world, now);
        let found = dealt_with(&known, &notice);
        let found: Vec<_> = found.iter().map(|it| (&*it.path, it.how)).collect();
        assert_eq!(found, [("/Root/b", "paused")]);
        notice.members[1].until = Some(1_050.0);
        assert_eq!(dealt_with(&known, &notice), [], "it is told of as well");
    }

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
