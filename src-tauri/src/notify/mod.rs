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
mod config_bubble;
mod settled;
mod shown;
mod sink;
#[cfg(test)]
mod tests;
mod words;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::Instant;
use up_core::{Notice, NoticeKind};
use up_engine::clock;
use up_engine::view::View;
use up_sink::Receipts;

use crate::action::{Action, Actions, OutageAction};
use crate::problems::Problems;
use backend::{CALL_TIMEOUT, DesktopSignal, NotificationBackend, NotificationRefusal};
#[cfg(target_os = "linux")]
use backend_linux::Session;
#[cfg(not(target_os = "linux"))]
use backend_other::Session;
use config_bubble::ConfigBubble;
use shown::ShownBubbles;
use sink::{NoticeSink, NotifierEvent};
use words::NotificationAction;

/// How long until a missing bus or a silent service is tried again.
const RETRY: Duration = Duration::from_secs(30);
/// The most notices that wait for a service that is not there. The oldest are dropped beyond that.
const MAX_WAITING: usize = 1_000;

/// Delivers notices to the desktop.
pub(crate) struct Notifier {
    messages: UnboundedReceiver<NotifierEvent>,
    actions: Actions,
    problems: Problems,
    bubbles: ShownBubbles,
    config: ConfigBubble,
    receipts: Arc<OnceLock<Receipts>>,
    /// True once the bubbles of an earlier run were recorded.
    recalled: bool,
    /// The identity of the notification service; `None` until it is known.
    service: Option<String>,
    /// Notices that are not delivered yet, oldest first, at most one per outage.
    waiting: Vec<Arc<Notice>>,
    /// When a missing bus or a silent service is tried again.
    retry: Option<Instant>,
}

impl Notifier {
    /// A notifier, and the sink that passes notices to it.
    pub(crate) fn new(actions: Actions, problems: Problems) -> (Self, NoticeSink) {
        let (sink, messages) = NoticeSink::new();
        let notifier = Self {
            messages,
            actions,
            problems,
            bubbles: ShownBubbles::default(),
            config: ConfigBubble::default(),
            receipts: sink.receipts(),
            recalled: false,
            service: None,
            waiting: Vec::new(),
            retry: None,
        };
        (notifier, sink)
    }

    /// Delivers the sink's notices until the engine ends. `config` is the path of the configuration,
    /// which need not exist.
    pub(crate) fn run(self, view: View, config: PathBuf) {
        let (events, receiver) = mpsc::unbounded_channel();
        tokio::spawn(self.serve(view, config, Session::new(events), receiver));
    }

    async fn serve(
        mut self,
        view: View,
        config: PathBuf,
        mut backend: impl NotificationBackend,
        mut events: UnboundedReceiver<DesktopSignal>,
    ) {
        let mut changes = view.news();
        let mut is_watched = true;
        self.open(&mut backend).await;
        loop {
            if self.retry.is_none() {
                self.settle(&mut backend, &view, &config).await;
            }
            tokio::select! {
                message = self.messages.recv() => match message {
                    Some(NotifierEvent::Notice(notice)) => {
                        self.supersede(&notice);
                        self.waiting.push(notice);
                        self.deliver(&mut backend, &view).await;
                    }
                    Some(NotifierEvent::End(done)) => {
                        // Up will not be running to notify of these outages' ends.
                        for id in self.bubbles.still_down().into_iter().chain(self.config.shown()) {
                            backend.close_bubble(id).await;
                        }
                        drop(done);
                        break;
                    }
                    None => break,
                },
                Some(event) = events.recv() => {
                    self.handle(&mut backend, event).await;
                    if self.retry.is_none() {
                        self.deliver(&mut backend, &view).await;
                    }
                }
                next = changes.changed(), if is_watched => is_watched = next.is_ok(),
                () = until(self.retry) => {
                    self.retry = None;
                    if self.waiting.is_empty() {
                        self.open(&mut backend).await;
                    } else {
                        self.deliver(&mut backend, &view).await;
                    }
                }
            }
        }
    }

    /// Checks whether there is a notification service, and records a problem if there is none.
    async fn open(&mut self, backend: &mut impl NotificationBackend) {
        let open = tokio::time::timeout(CALL_TIMEOUT, backend.open()).await;
        self.report(open.unwrap_or(Err(NotificationRefusal::Silent)));
    }

    /// Delivers the waiting notices, and keeps those that can be delivered later.
    async fn deliver(&mut self, backend: &mut impl NotificationBackend, view: &View) {
        self.recall(backend).await;
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        for notice in waiting.by_ref() {
            let mut replaced = self.bubbles.replaced_by(&notice).into_iter();
            if notice.kind == NoticeKind::Withdrawn {
                for bubble in replaced {
                    backend.close_bubble(bubble).await;
                    self.bubbles.mark_closed(bubble);
                }
                self.receipts().delivered(&notice, None);
                continue;
            }
            let (mood, dealt_with) =
                view.read(|known| (known.mood, settled::dealt_with(known, &notice)));
            let (now, zone) = (clock::now(), TimeZone::system());
            let bubble = words::bubble(&notice, &dealt_with, mood, now, &zone);
            match backend.show(&bubble, replaced.next()).await {
                Ok(id) => {
                    self.bubbles.record(&notice, dealt_with, id);
                    if self.service.is_none() {
                        self.service = backend.service().await;
                    }
                    let service = self.service.as_ref();
                    let place = service.map(|service| format!("{service} {id}"));
                    self.receipts().delivered(&notice, place);
                    for bubble in replaced {
                        backend.close_bubble(bubble).await;
                    }
                    self.report(Ok(()));
                }
                Err(refusal) => {
                    let is_retryable = refusal.is_retryable();
                    let why = refusal.text();
                    self.report(Err(refusal));
                    if is_retryable {
                        self.waiting.push(notice);
                        break;
                    }
                    self.receipts().refused(&notice, &why);
                }
            }
        }
        self.waiting.extend(waiting);
        let surplus = self.waiting.len().saturating_sub(MAX_WAITING);
        for notice in self.waiting.drain(..surplus).collect::<Vec<_>>() {
            self.receipts().refused(&notice, "too many notices wait");
        }
    }

    /// Drops the waiting notice of the same outage.
    fn supersede(&mut self, notice: &Notice) {
        let is_same = |waiting: &mut Arc<Notice>| waiting.id == notice.id;
        for old in self.waiting.extract_if(.., is_same).collect::<Vec<_>>() {
            self.receipts().superseded(&old);
        }
    }

    /// Adds the bubbles of an earlier run to the record if they may still be on the screen: a
    /// bubble outlasts a program that was killed.
    async fn recall(&mut self, backend: &mut impl NotificationBackend) {
        let receipts = self.receipts();
        if std::mem::replace(&mut self.recalled, true) || receipts.shown().is_empty() {
            return;
        }
        self.service = backend.service().await;
        let Some(service) = &self.service else {
            return;
        };
        for shown in receipts.shown() {
            let bubble = shown.place.strip_prefix(service);
            let bubble = bubble.and_then(|bubble| bubble.trim().parse().ok());
            if let Some(bubble) = bubble {
                let notice = shown.notice.notice();
                self.bubbles.recall(&notice, bubble);
            }
        }
    }

    fn receipts(&self) -> Receipts {
        self.receipts.get().cloned().unwrap_or_default()
    }

    async fn handle(&mut self, backend: &mut impl NotificationBackend, event: DesktopSignal) {
        match event {
            DesktopSignal::Chosen(id, choice) => self.choose(id, choice),
            DesktopSignal::Closed(id) => {
                self.bubbles.mark_closed(id);
                self.config.mark_closed(id);
            }
            DesktopSignal::ServiceStarted => {
                self.service = None;
                self.report(Ok(()));
            }
            DesktopSignal::ServiceStopped => {
                self.service = None;
                self.bubbles.clear();
                self.config.clear();
                self.open(backend).await;
            }
            DesktopSignal::BusLost => {
                self.service = None;
                self.bubbles.clear();
                self.config.clear();
                backend.disconnect();
                self.report(Err(NotificationRefusal::NoBus));
            }
        }
    }

    /// Requests the action that a person chose on a bubble.
    fn choose(&self, id: u32, choice: NotificationAction) {
        if choice == NotificationAction::Show && self.config.shown() == Some(id) {
            self.actions.send(Action::OpenConfig);
            return;
        }
        let action = match (choice, self.bubbles.subjects_of(id)) {
            (NotificationAction::Show, _) => {
                self.bubbles.place_of(id).cloned().map(Action::Incidents)
            }
            (_, []) => None,
            (NotificationAction::Snooze, of) => {
                Some(Action::Outage(OutageAction::Snooze, of.to_vec()))
            }
            (NotificationAction::Acknowledge, of) => {
                Some(Action::Outage(OutageAction::Acknowledge, of.to_vec()))
            }
        };
        if let Some(action) = action {
            self.actions.send(action);
        }
    }

    /// Records the state of the notification service as a problem of Up, or that there is none.
    fn report(&mut self, state: Result<(), NotificationRefusal>) {
        let is_retryable = matches!(
            state,
            Err(NotificationRefusal::NoBus | NotificationRefusal::Silent)
        );
        self.retry = is_retryable.then(|| Instant::now() + RETRY);
        let text = state.err().map(|refusal| refusal.text());
        self.problems.set_notifications(text.as_deref());
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
