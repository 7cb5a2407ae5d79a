//! Checks references and the resolver when the connectivity guard asks for it, each within a few
//! seconds.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join;
use futures_util::stream::FuturesUnordered;
use tokio::task::JoinSet;
use up_config::{Plan, PlannedReferenceGroup};
use up_core::connectivity::{ConnectivityEvent, ReferenceAnswer, ReferenceRequest};
use up_source::reference::{Reference, resolver_answers};

/// A reference that has not answered within this time counts as silent.
const DEADLINE: Duration = Duration::from_secs(3);

/// The references of each reference group, and the checks under way.
#[derive(Default)]
pub(super) struct ReferenceProber {
    groups: Vec<PlannedReferenceGroup>,
    under_way: JoinSet<ConnectivityEvent>,
}

impl ReferenceProber {
    /// Uses the reference groups of this plan from now on. Checks under way are aborted, because
    /// their group may no longer exist.
    pub(super) fn take_up(&mut self, plan: &Plan) {
        self.groups.clone_from(&plan.reference_groups);
        self.under_way.abort_all();
        self.under_way = JoinSet::new();
    }

    /// Starts the requested checks. [`ReferenceProber::answered`] returns their results.
    pub(super) fn probe(&mut self, question: ReferenceRequest) {
        match question {
            ReferenceRequest::Group(group) => {
                let references = self.groups.get(group);
                let references = references.map(|group| group.references.clone());
                let references = references.unwrap_or_default();
                self.under_way.spawn(check_group(group, references));
            }
            ReferenceRequest::Resolver => {
                self.under_way.spawn(async {
                    ConnectivityEvent::Answers {
                        group: None,
                        replies: Vec::new(),
                        resolver: resolver_answers(DEADLINE).await,
                    }
                });
            }
        }
    }

    /// The next result; pending while no check is under way.
    pub(super) async fn answered(&mut self) -> ConnectivityEvent {
        loop {
            match self.under_way.join_next().await {
                Some(Ok(event)) => return event,
                // The task was aborted or it panicked. The guard goes on without its result.
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }
}

async fn check_group(group: usize, references: Vec<Arc<Reference>>) -> ConnectivityEvent {
    let replies = async {
        let checks = references.iter().enumerate();
        let checks = checks.map(async |(at, reference)| (at, reference.probe(DEADLINE).await));
        let mut checks: FuturesUnordered<_> = checks.collect();
        // Each reply keeps the place of its reference, so that the guard knows which reference it
        // is from.
        let (mut replies, mut resolved) = (vec![ReferenceAnswer::Unasked; references.len()], false);
        while let Some((at, answer)) = checks.next().await {
            resolved |= answer.resolved;
            replies[at] = answer.reply;
            if answer.reply == ReferenceAnswer::Answered {
                // One answer is enough. The remaining references are not waited for.
                break;
            }
        }
        (replies, resolved)
    };
    let ((replies, found), resolver) = join(replies, resolver_answers(DEADLINE)).await;
    ConnectivityEvent::Answers {
        group: Some(group),
        replies,
        resolver: if found { Some(true) } else { resolver },
    }
}
