//! Tells a person who is doing something else: notifications of falls and recoveries.
//!
//! Room: when to tell and in what bubbles. `words` says how, `ledger` what is on the screen, the
//! desk brings it there.

mod ledger;
mod sink;
mod words;

#[cfg(target_os = "linux")]
mod desk_linux;
#[cfg(target_os = "linux")]
use desk_linux as desk;
#[cfg(not(target_os = "linux"))]
mod desk_other;
#[cfg(not(target_os = "linux"))]
use desk_other as desk;

use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::Instant;
use up_core::{Change, Mood};
use up_engine::view::View;

use crate::problems::Problems;
use crate::wish::{Wish, Wishes};
use desk::Desk;
use ledger::Ledger;
use sink::{ChangeSink, News};

/// Changes that come within so long of the first are told together.
const TOGETHER: Duration = Duration::from_secs(1);
/// How long a notification service may take; one that hangs delays nothing but notifications.
const PATIENCE: Duration = Duration::from_secs(5);
/// How soon a missing bus or a silent service is tried again.
const RETRY: Duration = Duration::from_secs(30);
/// So many changes are kept for a service that is not there yet; more would only be old news.
const KEPT: usize = 1_000;

const NO_SERVICE: &str = "This desktop has no notification service, so what goes down is told by \
    the tray and here only. One that is started is used at once.";
const NO_BUS: &str = "There is no session D-Bus, so there can be no notifications.";
const SILENT: &str =
    "The notification service does not answer. What there is to tell is kept for it.";

/// What comes back from the desk.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux tells")
)]
enum Heard {
    /// A person clicked on that bubble.
    Clicked(u32),
    /// That bubble is gone.
    Closed(u32),
    /// There is a notification service now.
    Came,
    /// There is none any more.
    Went,
    /// The desk itself is gone.
    Lost,
}

/// Why a bubble could not be shown.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux tells")
)]
enum Refusal {
    /// There is nobody to show it. It can be told later.
    Nobody,
    /// There is no bus either.
    NoBus,
    /// Somebody is there who does not even say what they can do. It can be told later.
    Silent,
    /// Somebody took it and does not say so. It may yet be shown, so it is not told again.
    Slow,
    /// Somebody is there who will not, and this is why.
    Unwilling(String),
}

impl Refusal {
    fn text(&self) -> String {
        match self {
            Self::Nobody => NO_SERVICE.into(),
            Self::NoBus => NO_BUS.into(),
            Self::Silent | Self::Slow => SILENT.into(),
            Self::Unwilling(why) => format!("The notification service refused: {why}"),
        }
    }

    const fn can_be_told_later(&self) -> bool {
        matches!(self, Self::Nobody | Self::NoBus | Self::Silent)
    }
}

/// Groups changes, and tells them.
pub(crate) struct Notifier {
    news: UnboundedReceiver<News>,
    wishes: Wishes,
    problems: Problems,
    ledger: Ledger,
    /// Changes not told yet, oldest first.
    untold: Vec<Change>,
    /// When they are told.
    due: Option<Instant>,
    /// When a missing bus is looked for again.
    retry: Option<Instant>,
}

impl Notifier {
    /// A notifier, and the sink that feeds it.
    pub(crate) fn new(wishes: Wishes, problems: Problems) -> (Self, ChangeSink) {
        let (sink, news) = ChangeSink::new();
        let notifier = Self {
            news,
            wishes,
            problems,
            ledger: Ledger::default(),
            untold: Vec::new(),
            due: None,
            retry: None,
        };
        (notifier, sink)
    }

    /// Tells what the sink is told, until the engine ends.
    pub(crate) fn run(self, view: View) {
        let (told, heard) = mpsc::unbounded_channel();
        tokio::spawn(self.attend(view, Desk::new(told), heard));
    }

    async fn attend(mut self, view: View, mut desk: Desk, mut heard: UnboundedReceiver<Heard>) {
        self.open(&mut desk).await;
        loop {
            tokio::select! {
                news = self.news.recv() => match news {
                    Some(News::Changed(change)) => {
                        self.untold.push(Change::clone(&change));
                        self.tell_soon();
                    }
                    Some(News::End(done)) => {
                        // Nobody will be there to say that it is over.
                        for id in self.ledger.still_down() {
                            desk.take_back(id).await;
                        }
                        drop(done);
                        break;
                    }
                    None => break,
                },
                () = until(self.due) => {
                    self.due = None;
                    self.tell(&mut desk, view.read(|known| known.mood)).await;
                }
                Some(heard) = heard.recv() => self.hear(&mut desk, heard).await,
                () = until(self.retry) => {
                    self.retry = None;
                    if self.untold.is_empty() {
                        self.open(&mut desk).await;
                    } else {
                        self.tell_soon();
                    }
                }
            }
        }
    }

    fn tell_soon(&mut self) {
        self.due.get_or_insert_with(|| Instant::now() + TOGETHER);
    }

    /// Looks whether somebody can be told, and then tells what waited for that.
    async fn open(&mut self, desk: &mut Desk) {
        let open = tokio::time::timeout(PATIENCE, desk.open()).await;
        self.say(open.unwrap_or(Err(Refusal::Silent)));
    }

    /// Tells what is untold; keeps what can be told later.
    async fn tell(&mut self, desk: &mut Desk, mood: Mood) {
        let untold = std::mem::take(&mut self.untold);
        let mut showings = self.ledger.showings(&untold, mood).into_iter();
        for showing in showings.by_ref() {
            match desk.show(&showing.bubble, showing.replaces).await {
                Ok(id) => {
                    self.ledger.shown(&showing, id);
                    self.say(Ok(()));
                }
                Err(refusal) => {
                    let later = refusal.can_be_told_later();
                    self.say(Err(refusal));
                    if later {
                        self.untold.extend(showing.changes);
                        break;
                    }
                }
            }
        }
        self.untold
            .extend(showings.flat_map(|showing| showing.changes));
        let surplus = self.untold.len().saturating_sub(KEPT);
        self.untold.drain(..surplus);
    }

    async fn hear(&mut self, desk: &mut Desk, heard: Heard) {
        match heard {
            Heard::Clicked(id) => {
                if let Some(path) = self.ledger.path_of(id) {
                    self.wishes.ask(Wish::Panel(Some(path.to_owned())));
                }
            }
            Heard::Closed(id) => self.ledger.closed(id),
            Heard::Came => self.say(Ok(())),
            Heard::Went => {
                self.ledger.all_closed();
                self.open(desk).await;
            }
            Heard::Lost => {
                self.ledger.all_closed();
                desk.close();
                self.say(Err(Refusal::NoBus));
            }
        }
    }

    /// Notes how things stand with the service.
    fn say(&mut self, state: Result<(), Refusal>) {
        let again = matches!(state, Err(Refusal::NoBus | Refusal::Silent));
        self.retry = again.then(|| Instant::now() + RETRY);
        if state.is_ok() && !self.untold.is_empty() {
            self.tell_soon();
        }
        let text = state.err().map(|refusal| refusal.text());
        self.problems.notifications(text.as_deref());
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
