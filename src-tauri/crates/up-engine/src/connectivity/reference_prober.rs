//! Asks references and resolver when the guard wants to know, each within a few seconds.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join;
use futures_util::stream::FuturesUnordered;
use tokio::task::JoinSet;
use up_config::{Plan, PlannedCircle};
use up_core::connectivity::{ConnectivityEvent, ReferenceAnswer, ReferenceRequest};
use up_source::reference::{Reference, resolver_answers};

/// A reference that has not answered by then is silent.
const DEADLINE: Duration = Duration::from_secs(3);

/// The references of each circle, and what is being asked.
#[derive(Default)]
pub(super) struct ReferenceProber {
    circles: Vec<PlannedCircle>,
    asking: JoinSet<ConnectivityEvent>,
}

impl ReferenceProber {
    /// Asks these from now on. What is under way would be told of a circle that is no more.
    pub(super) fn take_up(&mut self, plan: &Plan) {
        self.circles.clone_from(&plan.circles);
        self.asking.abort_all();
        self.asking = JoinSet::new();
    }

    /// Asks; the answer comes by [`Asker::answered`].
    pub(super) fn probe(&mut self, question: ReferenceRequest) {
        match question {
            ReferenceRequest::Circle(circle) => {
                let references = self.circles.get(circle);
                let references = references.map(|circle| circle.references.clone());
                let references = references.unwrap_or_default();
                self.asking.spawn(ask_circle(circle, references));
            }
            ReferenceRequest::Resolver => {
                self.asking.spawn(async {
                    ConnectivityEvent::Answers {
                        circle: None,
                        replies: Vec::new(),
                        resolver: resolver_answers(DEADLINE).await,
                    }
                });
            }
        }
    }

    /// The next answer; pending while nothing is asked.
    pub(super) async fn answered(&mut self) -> ConnectivityEvent {
        loop {
            match self.asking.join_next().await {
                Some(Ok(news)) => return news,
                // Called off, or it panicked: the guard goes on without it.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }
}

async fn ask_circle(circle: usize, references: Vec<Arc<Reference>>) -> ConnectivityEvent {
    let replies = async {
        let asked = references.iter().enumerate();
        let asked = asked.map(async |(at, reference)| (at, reference.probe(DEADLINE).await));
        let mut asked: FuturesUnordered<_> = asked.collect();
        // Each in its place, so that it is known who said what.
        let (mut replies, mut resolved) = (vec![ReferenceAnswer::Unasked; references.len()], false);
        while let Some((at, heard)) = asked.next().await {
            resolved |= heard.resolved;
            replies[at] = heard.reply;
            if heard.reply == ReferenceAnswer::Answered {
                // One is enough, and the others may take their time.
                break;
            }
        }
        (replies, resolved)
    };
    let ((replies, found), resolver) = join(replies, resolver_answers(DEADLINE)).await;
    ConnectivityEvent::Answers {
        circle: Some(circle),
        replies,
        resolver: if found { Some(true) } else { resolver },
    }
}
