//! What is wrong with Up itself: the engine's troubles, and those that only the shell can have.

use tokio::sync::watch;
use up_engine::view::{Trouble, TroubleKind};
use up_wire::{About, Problem};

/// The shell's own problems: one line at most for the tray and one for notifications.
#[derive(Clone, Debug)]
pub(crate) struct Problems {
    /// A watch, so that tray and panel need no timer to hear of a change.
    own: watch::Sender<Own>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Own {
    tray: Option<String>,
    notifications: Option<String>,
}

impl Problems {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            own: watch::channel(Own::default()).0,
        }
    }

    /// Says what is wrong with the tray, or that nothing is; true when that is news.
    pub(crate) fn tray(&self, text: Option<&str>) -> bool {
        self.set(|own| &mut own.tray, text)
    }

    /// Says that this is not, or not any more, what is wrong with the tray.
    #[cfg(target_os = "linux")]
    pub(crate) fn tray_has_no(&self, text: &str) {
        if self.own.borrow().tray.as_deref() == Some(text) {
            self.tray(None);
        }
    }

    /// Says what is wrong with notifications, or that nothing is.
    pub(crate) fn notifications(&self, text: Option<&str>) {
        self.set(|own| &mut own.notifications, text);
    }

    fn set(&self, line: impl FnOnce(&mut Own) -> &mut Option<String>, text: Option<&str>) -> bool {
        self.own.send_if_modified(|own| {
            let line = line(own);
            let news = line.as_deref() != text;
            if news {
                *line = text.map(str::to_owned);
            }
            news
        })
    }

    /// True while there is a tray to come back from: a hidden panel can be found again.
    pub(crate) fn tray_is_there(&self) -> bool {
        self.own.borrow().tray.is_none()
    }

    /// Says when one of them changed.
    pub(crate) fn news(&self) -> Changes {
        Changes(self.own.subscribe())
    }

    /// All problems, most important first, those of the engine among them.
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

/// Says when a problem came or went.
pub(crate) struct Changes(watch::Receiver<Own>);

impl Changes {
    /// Returns at the next change; never when there can be none any more.
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
        problems.notifications(Some("no daemon"));
        problems.tray(Some("no host"));
        let troubles = [Trouble {
            kind: TroubleKind::Mongo,
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
        assert!(!problems.tray_is_there());
        problems.tray(None);
        assert_eq!(abouts(&problems), [About::Mongo, About::Notifications]);
        assert!(problems.tray_is_there());
    }

    #[test]
    fn only_a_real_change_is_news() {
        let problems = Problems::new();
        let changes = problems.news();
        problems.tray(None);
        assert!(!changes.0.has_changed().expect("the problems are there"));
        problems.tray(Some("no host"));
        assert!(changes.0.has_changed().expect("the problems are there"));
    }
}
