//! Shows a desktop notification (a bubble) for each notice.
//!
//! A new notice of an outage replaces the bubble of the one before. The core's dispatcher has
//! decided which notices there are, and when. `words` makes a bubble of a notice, `shown` records
//! the bubbles on the screen, and a `backend` speaks to the desktop.

mod backend;
#[cfg(target_os = "linux")]
mod backend_linux;
#[cfg(not(target_os = "linux"))]
mod backend_other;
mod shown;
mod sink;
#[cfg(test)]
mod tests;
mod words;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::Instant;
use up_core::{Mood, Notice, NoticeKind};
use up_engine::clock;
use up_engine::view::View;
use up_sink::Receipts;

use crate::action::{Outage, Wish, Wishes};
use crate::problems::Problems;
use backend::{DesktopSignal, NotificationBackend, NotificationRefusal, PATIENCE};
#[cfg(target_os = "linux")]
use backend_linux::Session;
#[cfg(not(target_os = "linux"))]
use backend_other::Session;
use shown::Ledger;
use sink::{NoticeSink, NotifierEvent};
use words::NotificationAction;

/// How long until a missing bus or a silent service is tried again.
const RETRY: Duration = Duration::from_secs(30);
/// The most notices that wait for a service that is not there. The oldest are dropped beyond that.
const KEPT: usize = 1_000;

/// Delivers notices to the desktop.
pub(crate) struct Notifier {
    news: UnboundedReceiver<NotifierEvent>,
    wishes: Wishes,
    problems: Problems,
    ledger: Ledger,
    receipts: Arc<OnceLock<Receipts>>,
    /// True once the bubbles of an earlier run were added to the ledger.
    recalled: bool,
    /// The identity of the notification service; `None` until it is known.
    service: Option<String>,
    /// Notices that are not delivered yet, oldest first, at most one per outage.
    untold: Vec<Arc<Notice>>,
    /// When a missing bus or a silent service is tried again.
    retry: Option<Instant>,
}

impl Notifier {
    /// A notifier, and the sink that passes notices to it.
    pub(crate) fn new(wishes: Wishes, problems: Problems) -> (Self, NoticeSink) {
        let (sink, news) = NoticeSink::new();
        let notifier = Self {
            news,
            wishes,
            problems,
            ledger: Ledger::default(),
            receipts: sink.receipts(),
            recalled: false,
            service: None,
            untold: Vec::new(),
            retry: None,
        };
        (notifier, sink)
    }

    /// Delivers the sink's notices until the engine ends.
    pub(crate) fn run(self, view: View) {
        let (told, heard) = mpsc::unbounded_channel();
        tokio::spawn(self.attend(view, Session::new(told), heard));
    }

    async fn attend(
        mut self,
        view: View,
        mut desk: impl NotificationBackend,
        mut heard: UnboundedReceiver<DesktopSignal>,
    ) {
        self.open(&mut desk).await;
        loop {
            tokio::select! {
                news = self.news.recv() => match news {
                    Some(NotifierEvent::Told(notice)) => {
                        self.supersede(&notice);
                        self.untold.push(notice);
                        self.deliver(&mut desk, mood(&view)).await;
                    }
                    Some(NotifierEvent::End(done)) => {
                        // Up will not be running to notify of these outages' ends.
                        for id in self.ledger.still_down() {
                            desk.take_back(id).await;
                        }
                        drop(done);
                        break;
                    }
                    None => break,
                },
                Some(heard) = heard.recv() => {
                    self.hear(&mut desk, heard).await;
                    if self.retry.is_none() {
                        self.deliver(&mut desk, mood(&view)).await;
                    }
                }
                () = until(self.retry) => {
                    self.retry = None;
                    if self.untold.is_empty() {
                        self.open(&mut desk).await;
                    } else {
                        self.deliver(&mut desk, mood(&view)).await;
                    }
                }
            }
        }
    }

    /// Checks whether there is a notification service, and records a problem if there is none.
    async fn open(&mut self, desk: &mut impl NotificationBackend) {
        let open = tokio::time::timeout(PATIENCE, desk.open()).await;
        self.say(open.unwrap_or(Err(NotificationRefusal::Silent)));
    }

    /// Delivers the waiting notices, and keeps those that can be delivered later.
    async fn deliver(&mut self, desk: &mut impl NotificationBackend, mood: Mood) {
        self.recall(desk).await;
        let mut untold = std::mem::take(&mut self.untold).into_iter();
        for notice in untold.by_ref() {
            let mut replaced = self.ledger.replaced_by(&notice).into_iter();
            if notice.kind == NoticeKind::Withdrawn {
                for bubble in replaced {
                    desk.take_back(bubble).await;
                    self.ledger.closed(bubble);
                }
                self.receipts().delivered(&notice, None);
                continue;
            }
            let bubble = words::bubble(&notice, mood, clock::now(), &TimeZone::system());
            match desk.show(&bubble, replaced.next()).await {
                Ok(id) => {
                    self.ledger.shown(&notice, id);
                    if self.service.is_none() {
                        self.service = desk.service().await;
                    }
                    let service = self.service.as_ref();
                    let place = service.map(|service| format!("{service} {id}"));
                    self.receipts().delivered(&notice, place);
                    for bubble in replaced {
                        desk.take_back(bubble).await;
                    }
                    self.say(Ok(()));
                }
                Err(refusal) => {
                    let later = refusal.can_be_told_later();
                    let why = refusal.text();
                    self.say(Err(refusal));
                    if later {
                        self.untold.push(notice);
                        break;
                    }
                    self.receipts().refused(&notice, &why);
                }
            }
        }
        self.untold.extend(untold);
        let surplus = self.untold.len().saturating_sub(KEPT);
        for notice in self.untold.drain(..surplus).collect::<Vec<_>>() {
            self.receipts().refused(&notice, "too many notices wait");
        }
    }

    /// Drops the waiting notice of the same outage.
    fn supersede(&mut self, notice: &Notice) {
        let is_same = |untold: &mut Arc<Notice>| untold.id == notice.id;
        for old in self.untold.extract_if(.., is_same).collect::<Vec<_>>() {
            self.receipts().superseded(&old);
        }
    }

    /// Adds the bubbles of an earlier run to the ledger if they may still be on the screen: a
    /// bubble outlasts a program that was killed.
    async fn recall(&mut self, desk: &mut impl NotificationBackend) {
        let receipts = self.receipts();
        if std::mem::replace(&mut self.recalled, true) || receipts.shown().is_empty() {
            return;
        }
        self.service = desk.service().await;
        let Some(service) = &self.service else {
            return;
        };
        for shown in receipts.shown() {
            let bubble = shown.place.strip_prefix(service);
            let bubble = bubble.and_then(|bubble| bubble.trim().parse().ok());
            if let Some(bubble) = bubble {
                self.ledger.shown(&shown.notice.notice(), bubble);
            }
        }
    }

    fn receipts(&self) -> Receipts {
        self.receipts.get().cloned().unwrap_or_default()
    }

    async fn hear(&mut self, desk: &mut impl NotificationBackend, heard: DesktopSignal) {
        match heard {
            DesktopSignal::Chosen(id, choice) => self.choose(id, choice),
            DesktopSignal::Closed(id) => self.ledger.closed(id),
            DesktopSignal::Came => {
                self.service = None;
                self.say(Ok(()));
            }
            DesktopSignal::Went => {
                self.service = None;
                self.ledger.all_closed();
                self.open(desk).await;
            }
            DesktopSignal::Lost => {
                self.service = None;
                self.ledger.all_closed();
                desk.close();
                self.say(Err(NotificationRefusal::NoBus));
            }
        }
    }

    /// Requests the action that a person chose on a bubble.
    fn choose(&self, id: u32, choice: NotificationAction) {
        let wish = match (choice, self.ledger.subjects_of(id)) {
            (NotificationAction::Show, _) => {
                let path = self.ledger.path_of(id);
                path.map(|path| Wish::Panel(Some(path.to_owned())))
            }
            (_, []) => None,
            (NotificationAction::Snooze, of) => Some(Wish::Outage(Outage::Snooze, of.to_vec())),
            (NotificationAction::Acknowledge, of) => {
                Some(Wish::Outage(Outage::Acknowledge, of.to_vec()))
            }
        };
        if let Some(wish) = wish {
            self.wishes.send(wish);
        }
    }

    /// Records the state of the notification service as a problem of Up, or that there is none.
    fn say(&mut self, state: Result<(), NotificationRefusal>) {
        let again = matches!(
            state,
            Err(NotificationRefusal::NoBus | NotificationRefusal::Silent)
        );
        self.retry = again.then(|| Instant::now() + RETRY);
        let text = state.err().map(|refusal| refusal.text());
        self.problems.notifications(text.as_deref());
    }
}

fn mood(view: &View) -> Mood {
    view.read(|known| known.mood)
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
