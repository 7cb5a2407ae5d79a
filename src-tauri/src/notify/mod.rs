//! Tells a person who is doing something else: notifications of falls and recoveries.
//!
//! Room: when to tell and in what bubbles. `words` says how, `ledger` what is on the screen, a
//! `desk` brings it there.

mod desk;
#[cfg(target_os = "linux")]
mod desk_linux;
#[cfg(not(target_os = "linux"))]
mod desk_other;
mod ledger;
mod sink;
#[cfg(test)]
mod tests;
mod words;

use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::time::Instant;
use up_core::{Change, Mood};
use up_engine::view::View;

use crate::problems::Problems;
use crate::wish::{Wish, Wishes};
use desk::{Desk, Heard, PATIENCE, Refusal};
#[cfg(target_os = "linux")]
use desk_linux::Session;
#[cfg(not(target_os = "linux"))]
use desk_other::Session;
use ledger::Ledger;
use sink::{ChangeSink, News};

/// Changes that come within so long of the first are told together.
const TOGETHER: Duration = Duration::from_secs(1);
/// How soon a missing bus or a silent service is tried again.
const RETRY: Duration = Duration::from_secs(30);
/// So many changes are kept for a service that is not there yet; more would only be old news.
const KEPT: usize = 1_000;

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
        tokio::spawn(self.attend(view, Session::new(told), heard));
    }

    async fn attend(
        mut self,
        view: View,
        mut desk: impl Desk,
        mut heard: UnboundedReceiver<Heard>,
    ) {
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
    async fn open(&mut self, desk: &mut impl Desk) {
        let open = tokio::time::timeout(PATIENCE, desk.open()).await;
        self.say(open.unwrap_or(Err(Refusal::Silent)));
    }

    /// Tells what is untold; keeps what can be told later.
    async fn tell(&mut self, desk: &mut impl Desk, mood: Mood) {
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

    async fn hear(&mut self, desk: &mut impl Desk, heard: Heard) {
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
