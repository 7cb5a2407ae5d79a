//! Tests of the notifier with a scripted backend, on a clock that the test advances.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::sleep;
use up_core::Notice;
use up_engine::view::View;
use up_sink::{Event, Sink};
use up_wire::IncidentPlace;

use super::backend::{DesktopSignal, NotificationBackend, NotificationRefusal};
use super::words::{Bubble, NotificationAction};
use super::{NoticeSink, Notifier};
use crate::action::OutageAction;
use crate::action::{Action, Actions};
use crate::problems::Problems;
use crate::test_support::notice;

/// What the backend was asked to do, and its next replies.
#[derive(Default)]
struct BackendScript {
    /// `title` or `title over ID` for each bubble shown, `-ID` for each closed.
    seen: Vec<String>,
    answers: VecDeque<NotificationRefusal>,
    count: u32,
}

#[derive(Clone, Default)]
struct ScriptedBackend(Arc<Mutex<BackendScript>>);

impl ScriptedBackend {
    fn script(&self) -> std::sync::MutexGuard<'_, BackendScript> {
        self.0.lock().expect("no test panicked with it")
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.script().seen)
    }

    fn will_refuse(&self, refusal: NotificationRefusal) {
        self.script().answers.push_back(refusal);
    }
}

impl NotificationBackend for ScriptedBackend {
    async fn open(&mut self) -> Result<(), NotificationRefusal> {
        Ok(())
    }

    async fn show(
        &mut self,
        bubble: &Bubble,
        replaces: Option<u32>,
    ) -> Result<u32, NotificationRefusal> {
        let mut script = self.script();
        if let Some(refusal) = script.answers.pop_front() {
            return Err(refusal);
        }
        let over = replaces.map(|id| format!(" over {id}")).unwrap_or_default();
        script.seen.push(format!("{}{over}", bubble.summary));
        script.count += 1;
        Ok(replaces.unwrap_or(script.count))
    }

    async fn close_bubble(&mut self, id: u32) {
        self.script().seen.push(format!("-{id}"));
    }

    fn disconnect(&mut self) {}
}

struct BackendStage {
    sink: NoticeSink,
    backend: ScriptedBackend,
    events: UnboundedSender<DesktopSignal>,
    requests: UnboundedReceiver<Action>,
    problems: Problems,
}

fn stage() -> BackendStage {
    let (actions, requests) = mpsc::unbounded_channel();
    let problems = Problems::new();
    let (notifier, sink) = Notifier::new(Actions(actions), problems.clone());
    let backend = ScriptedBackend::default();
    let (events, receiver) = mpsc::unbounded_channel();
    tokio::spawn(notifier.serve(
        View::default(),
        PathBuf::from("up.toml"),
        backend.clone(),
        receiver,
    ));
    BackendStage {
        sink,
        backend,
        events,
        requests,
        problems,
    }
}

impl BackendStage {
    /// A notice of the outage `id` of the source `/R/t/NAME`.
    async fn notice(&mut self, id: u64, name: &str, status: f64) {
        self.deliver(notice(id, &format!("/R/t/{name}"), status))
            .await;
    }

    async fn deliver(&mut self, notice: Notice) {
        let event = Event::Told(Arc::new(notice));
        self.sink.deliver(vec![event], 0).await;
    }

    fn signal(&self, event: DesktopSignal) {
        self.events.send(event).expect("the notifier listens");
    }

    /// What was shown after `seconds`.
    async fn seen_after(&self, seconds: f64) -> Vec<String> {
        sleep(Duration::from_secs_f64(seconds)).await;
        self.backend.seen()
    }

    fn complaint(&self) -> Option<String> {
        self.problems
            .with(&[])
            .into_iter()
            .next()
            .map(|problem| problem.text)
    }
}

#[tokio::test(start_paused = true)]
async fn each_outage_has_its_bubble() {
    let mut stage = stage();
    stage.notice(1, "a", 0.0).await;
    stage.notice(2, "b", 0.0).await;
    assert_eq!(stage.seen_after(0.1).await, ["a: DOWN", "b: DOWN"]);
    stage.notice(1, "a", 1.0).await;
    let seen = stage.seen_after(0.1).await;
    assert_eq!(seen, ["a: UP again after 1 min over 1"]);
    stage.notice(3, "c", 0.0).await;
    assert_eq!(stage.seen_after(0.1).await, ["c: DOWN"]);
    let summary = Notice {
        replaces: vec![2, 3],
        ..notice(4, "/R/t", 0.0)
    };
    stage.deliver(summary).await;
    assert_eq!(stage.seen_after(0.1).await, ["t: DOWN over 2", "-4"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_watched_no_more_is_taken_back() {
    let mut stage = stage();
    stage.notice(1, "a", 0.0).await;
    assert_eq!(stage.seen_after(0.1).await, ["a: DOWN"]);
    let withdrawn = Notice {
        kind: up_core::NoticeKind::Withdrawn,
        ..notice(1, "/R/t/a", 0.0)
    };
    stage.deliver(withdrawn).await;
    assert_eq!(stage.seen_after(0.1).await, ["-1"]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_could_show_is_shown_when_somebody_comes() {
    let mut stage = stage();
    stage.backend.will_refuse(NotificationRefusal::NoService);
    stage.notice(1, "a", 0.0).await;
    assert_eq!(stage.seen_after(60.0).await, [] as [&str; 0]);
    assert!(
        stage
            .complaint()
            .is_some_and(|text| text.contains("no notification service"))
    );
    stage.signal(DesktopSignal::ServiceStarted);
    assert_eq!(stage.seen_after(0.1).await, ["a: DOWN"]);
    assert_eq!(stage.complaint(), None);
}

#[tokio::test(start_paused = true)]
async fn of_what_nobody_could_show_the_latest_is_shown() {
    let mut stage = stage();
    for _ in 0..3 {
        stage.backend.will_refuse(NotificationRefusal::Silent);
    }
    stage.notice(1, "a", 0.0).await;
    stage.notice(2, "b", 0.0).await;
    stage.notice(1, "a", 1.0).await;
    assert_eq!(stage.seen_after(1.0).await, [] as [&str; 0]);
    let seen = stage.seen_after(30.0).await;
    assert_eq!(seen, ["b: DOWN", "a: UP again after 1 min"]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_service_is_asked_again() {
    let mut stage = stage();
    stage.backend.will_refuse(NotificationRefusal::Silent);
    stage.notice(1, "a", 0.0).await;
    assert_eq!(stage.seen_after(5.0).await, [] as [&str; 0]);
    assert!(
        stage
            .complaint()
            .is_some_and(|text| text.contains("does not answer"))
    );
    assert_eq!(stage.seen_after(30.0).await, ["a: DOWN"]);
    assert_eq!(stage.complaint(), None);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_shown_is_not_shown_twice() {
    let mut stage = stage();
    stage.backend.will_refuse(NotificationRefusal::Slow);
    stage.notice(1, "a", 0.0).await;
    assert_eq!(stage.seen_after(600.0).await, [] as [&str; 0]);
    stage.notice(2, "b", 0.0).await;
    assert_eq!(stage.seen_after(2.0).await, ["b: DOWN"]);
}

#[tokio::test(start_paused = true)]
async fn a_click_opens_the_incidents_there() {
    let mut stage = stage();
    stage.notice(1, "a", 0.0).await;
    assert_eq!(stage.seen_after(0.1).await.len(), 1);
    stage.signal(DesktopSignal::Chosen(77, NotificationAction::Show));
    stage.signal(DesktopSignal::Chosen(1, NotificationAction::Show));
    assert_eq!(
        stage.requests.recv().await,
        Some(Action::Incidents(IncidentPlace {
            path: "/R/t/a".into(),
            from: 1_000.0,
            to: 1_000.0,
        }))
    );
    assert!(
        stage.requests.try_recv().is_err(),
        "another's bubble is not ours"
    );
}

#[tokio::test(start_paused = true)]
async fn a_button_is_about_what_its_bubble_tells_of() {
    let mut stage = stage();
    stage.notice(1, "a", 0.0).await;
    let several = |id, among| Notice {
        path: "/R/t".into(),
        members: ["/R/t/b", "/R/t/c"]
            .map(|path| notice(0, path, 0.0).members.remove(0))
            .into(),
        among,
        ..notice(id, "/R/t", 0.0)
    };
    stage.deliver(several(2, None)).await;
    stage.deliver(several(3, Some(2))).await;
    assert_eq!(stage.seen_after(0.1).await.len(), 3);
    for (bubble, choice, outage, paths) in [
        (
            1,
            NotificationAction::Snooze,
            OutageAction::Snooze,
            &["/R/t/a"][..],
        ),
        (
            2,
            NotificationAction::Snooze,
            OutageAction::Snooze,
            &["/R/t/b", "/R/t/c"],
        ),
        (
            3,
            NotificationAction::Acknowledge,
            OutageAction::Acknowledge,
            &["/R/t"],
        ),
    ] {
        stage.signal(DesktopSignal::Chosen(77, choice));
        stage.signal(DesktopSignal::Chosen(bubble, choice));
        // Like real services: a bubble closes when an action on it was chosen.
        stage.signal(DesktopSignal::Closed(bubble));
        let paths = paths.iter().copied().map(str::to_owned).collect();
        let expected = Action::Outage(outage, paths);
        assert_eq!(stage.requests.recv().await, Some(expected));
    }
    assert!(
        stage.requests.try_recv().is_err(),
        "another's bubble is not ours"
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_service_is_not_asked_for_the_bubbles_of_the_old() {
    let mut stage = stage();
    stage.notice(1, "a", 0.0).await;
    assert_eq!(stage.seen_after(0.1).await.len(), 1);
    stage.signal(DesktopSignal::ServiceStopped);
    assert_eq!(stage.seen_after(0.1).await, [] as [&str; 0]);
    stage.notice(1, "a", 1.0).await;
    assert_eq!(stage.seen_after(0.1).await, ["a: UP again after 1 min"]);
}

#[tokio::test(start_paused = true)]
async fn the_end_takes_back_what_is_still_down() {
    let mut stage = stage();
    stage.notice(1, "a", 0.0).await;
    stage.notice(2, "b", 0.0).await;
    stage.notice(1, "a", 1.0).await;
    assert_eq!(stage.seen_after(0.1).await.len(), 3);
    stage.sink.finish().await;
    assert_eq!(stage.backend.seen(), ["-2"]);
}
