//! The problems of Up itself: those of the engine, and those of the shell (tray, notifications).

use tokio::sync::watch;
use up_engine::view::{Trouble, TroubleKind};
use up_wire::{About, Problem};

/// The shell's own problems: one line at most for the tray and one for notifications.
#[derive(Clone, Debug)]
pub(crate) struct Problems {
    /// A watch channel, so that the tray and the panel are notified of changes without a timer.
    own: watch::Sender<ShellProblems>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct ShellProblems {
    tray: Option<String>,
    notifications: Option<String>,
}

impl Problems {
    /// A state without problems.
    pub(crate) fn new() -> Self {
        Self {
            own: watch::channel(ShellProblems::default()).0,
        }
    }

    /// Sets the problem of the tray, or clears it with `None`. Returns true when this is a change.
    pub(crate) fn set_tray(&self, text: Option<&str>) -> bool {
        self.set(|own| &mut own.tray, text)
    }

    /// Clears the problem of the tray if it is `text`.
    #[cfg(target_os = "linux")]
    pub(crate) fn clear_tray_problem(&self, text: &str) {
        if self.own.borrow().tray.as_deref() == Some(text) {
            self.set_tray(None);
        }
    }

    /// Sets the problem of notifications, or clears it with `None`.
    pub(crate) fn set_notifications(&self, text: Option<&str>) {
        self.set(|own| &mut own.notifications, text);
    }

    fn set(
        &self,
        line: impl FnOnce(&mut ShellProblems) -> &mut Option<String>,
        text: Option<&str>,
    ) -> bool {
        self.own.send_if_modified(|own| {
            let line = line(own);
            let has_changed = line.as_deref() != text;
            if has_changed {
                *line = text.map(str::to_owned);
            }
            has_changed
        })
    }

    /// True while there is a tray, from which a hidden panel can be shown again.
    pub(crate) fn has_tray(&self) -> bool {
        self.own.borrow().tray.is_none()
    }

    /// A receiver of changes.
    pub(crate) fn changes(&self) -> Changes {
        Changes(self.own.subscribe())
    }

    /// All problems, the engine's first and the most important of those first.
    pub(crate) fn with(&self, troubles: &[Trouble]) -> Vec<Problem> {
        let own = self.own.borrow();
        let line = |about, text: &Option<String>| {
            Some(Problem {
                about,
                text: text.clone()?,
            })
        };
        let engine = troubles.iter().map(|trouble| Problem {
            about: match trouble.kind {
                TroubleKind::Config => About::Config,
                TroubleKind::Network => About::Network,
                TroubleKind::History | TroubleKind::State => About::History,
                TroubleKind::Mongo => About::Mongo,
                TroubleKind::Controls => About::Controls,
                TroubleKind::Sink => About::Sink,
                TroubleKind::Names => About::Names,
            },
            text: trouble.text.clone(),
        });
        engine
            .chain(line(About::Tray, &own.tray))
            .chain(line(About::Notifications, &own.notifications))
            .collect()
    }
}

/// Notifies of changes of the shell's problems.
pub(crate) struct Changes(watch::Receiver<ShellProblems>);

impl Changes {
    /// Returns at the next change. Never returns when there can be none any more.
    pub(crate) async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_troubles_come_first_and_a_cleared_problem_is_gone() {
        let problems = Problems::new();
        problems.set_notifications(Some("no daemon"));
        problems.set_tray(Some("no host"));
        let troubles = [Trouble {
            kind: TroubleKind::Mongo,
            id: 1,
            text: "away".into(),
        }];
        let abouts = |problems: &Problems| -> Vec<About> {
            problems
                .with(&troubles)
                .iter()
                .map(|problem| problem.about)
                .collect()
        };
        assert_eq!(
            abouts(&problems),
            [About::Mongo, About::Tray, About::Notifications]
        );
        assert!(!problems.has_tray());
        problems.set_tray(None);
        assert_eq!(abouts(&problems), [About::Mongo, About::Notifications]);
        assert!(problems.has_tray());
    }

    #[test]
    fn only_a_real_change_is_news() {
        let problems = Problems::new();
        let changes = problems.changes();
        problems.set_tray(None);
        assert!(!changes.0.has_changed().expect("the problems are there"));
        problems.set_tray(Some("no host"));
        assert!(changes.0.has_changed().expect("the problems are there"));
    }
}
