//! Tests of the table of rules, row by row, in a small world that answers the guard's requests by
//! itself.

mod likeness;
mod offline;
mod rows;
mod waking;

use std::collections::BTreeSet;
use std::time::Duration;

use super::{
    ConnectivityEvent, ConnectivityGuard, GuardOutput, GuardedSource, GuardedSources, Proof, Reach,
    ReferenceAnswer, ReferenceRequest, RouteScope,
};
use crate::cause::{Cause, CauseCode};
use crate::detail::Detail;
use crate::observation::Observation;
use crate::outline::{Kind, Node, NodeId, Outline};
use crate::sample::Sample;
use crate::status::Status;
use crate::world::World;

/// How long a check of references takes in this world, in seconds.
const TOOK: f64 = 0.2;

/// The guard and the world, and what the guard decided.
struct Trial {
    guard: ConnectivityGuard,
    world: World,
    now: Duration,
    /// What each reference of a group answers: see [`replies`].
    references: Vec<&'static str>,
    resolver: Option<bool>,
    /// The requests under way, and when each is answered.
    asked: Vec<(Duration, ReferenceRequest)>,
    /// The judged samples: `name+` for up, `name-` for anything else.
    judged: Vec<String>,
    held: BTreeSet<String>,
    recheck: Vec<(String, Duration)>,
    /// When the references or the resolver were checked.
    questions: Vec<(u64, ReferenceRequest)>,
}

/// Parses the answers of references: `a` answered, `w` wrong, `s` silent, `u` not checked.
fn replies(said: &str) -> Vec<ReferenceAnswer> {
    let reply = |said| match said {
        'a' => ReferenceAnswer::Answered,
        'w' => ReferenceAnswer::Wrong,
        's' => ReferenceAnswer::Silent,
        _ => ReferenceAnswer::Unasked,
    };
    said.chars().map(reply).collect()
}

/// A host whose answers prove only that someone answered.
fn to(host: &str) -> Reach {
    Reach::to(host, Proof::Answer)
}

impl Trial {
    /// A world with these sources in one group that has `references` references.
    fn new(hosts: &[(&'static str, Reach)], references: usize) -> Self {
        let mut outline = Outline::default();
        let root = outline.push(None, Node::new(Kind::TREE, "Root"));
        let mut sources = Vec::new();
        for (name, reach) in hosts {
            let node = outline.push(Some(root), Node::new(Kind("tcp"), name));
            sources.push(GuardedSource {
                node,
                reach: reach.clone(),
                group: Some(0),
                own: false,
            });
        }
        let groups = vec![vec!["tcp://192.0.2.1:1".to_owned(); references].into()];
        let said = if references == 0 { "" } else { "a" };
        Self::with(outline, GuardedSources { sources, groups }, vec![said])
    }

    fn with(outline: Outline, sources: GuardedSources, references: Vec<&'static str>) -> Self {
        Self {
            guard: ConnectivityGuard::new(sources),
            world: World::new(outline),
            now: Duration::from_secs(1_000),
            references,
            resolver: None,
            asked: Vec::new(),
            judged: Vec::new(),
            held: BTreeSet::new(),
            recheck: Vec::new(),
            questions: Vec::new(),
        }
    }

    fn node(&self, name: &str) -> NodeId {
        let path = if name.is_empty() {
            "/Root".to_owned()
        } else {
            format!("/Root/{name}")
        };
        self.world
            .outline()
            .find(&path)
            .expect("it is in the world")
    }

    fn name(&self, node: NodeId) -> String {
        self.world.outline().node(node).name.to_string()
    }

    fn follow(&mut self, output: GuardOutput) {
        for (node, held) in output.holds {
            let name = self.name(node);
            self.world.hold(node, crate::Hold::Offline, held);
            if held {
                self.held.insert(name);
            } else {
                self.held.remove(&name);
            }
        }
        for passed in output.passed {
            let up = passed.sample.status == Some(Status::UP);
            let name = self.name(passed.node);
            self.judged.push(name + if up { "+" } else { "-" });
            self.world.apply(passed.node, passed.sample);
        }
        for question in output.ask {
            self.questions.push((self.now.as_secs() - 1_000, question));
            let then = self.now + Duration::from_millis(100);
            self.asked.push((then, question));
        }
        for (node, soon) in output.recheck {
            self.recheck.push((self.name(node), soon));
        }
    }

    /// Lets time pass, in seconds.
    fn pass(&mut self, seconds: f64) -> &mut Self {
        let until = self.now + Duration::from_secs_f64(seconds);
        loop {
            let answer = self.asked.iter().map(|(then, _)| *then).min();
            let due = self.guard.due().map(|due| due.max(self.now));
            let next = [answer, due].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= until) else {
                break;
            };
            self.now = next;
            if answer == Some(next) {
                let at = self.asked.iter().position(|(then, _)| *then == next);
                let (_, question) = self.asked.remove(at.expect("it was just found"));
                let (group, said) = match question {
                    ReferenceRequest::Group(group) => (Some(group), self.references[group]),
                    ReferenceRequest::Resolver => (None, ""),
                };
                self.tell(ConnectivityEvent::Answers {
                    group,
                    replies: replies(said),
                    resolver: self.resolver,
                });
            } else {
                let output = self.guard.tick(&self.world, self.now);
                self.follow(output);
                self.now += Duration::from_millis(1);
            }
        }
        self.now = until.max(self.now);
        self
    }

    fn tell(&mut self, news: ConnectivityEvent) -> &mut Self {
        let output = self.guard.news(&self.world, self.now, news);
        self.follow(output);
        self
    }

    fn routes(&mut self, default: bool) -> &mut Self {
        self.tell(ConnectivityEvent::Routes {
            default,
            scopes: Vec::new(),
        })
    }

    fn scope(&mut self, name: &str, scope: RouteScope) -> &mut Self {
        let scopes = vec![(self.node(name), scope)];
        self.tell(ConnectivityEvent::Routes {
            default: true,
            scopes,
        })
    }

    fn sample(&mut self, name: &str, status: Option<Status>, code: Option<CauseCode>) -> &mut Self {
        self.took(name, status, code, TOOK)
    }

    fn took(
        &mut self,
        name: &str,
        status: Option<Status>,
        code: Option<CauseCode>,
        duration: f64,
    ) -> &mut Self {
        let sample = Sample {
            status,
            date: 0.0,
            duration,
            cause: code.map(|code| Cause::new(code, "for a test")),
            detail: Detail::new(),
        };
        let fresh = Observation::ended_at(self.node(name), sample, None, self.now);
        let output = self.guard.sampled(&self.world, self.now, fresh);
        self.follow(output);
        self
    }

    fn ok(&mut self, names: &[&str]) -> &mut Self {
        for name in names {
            self.sample(name, Some(Status::UP), None);
        }
        self
    }

    fn fail(&mut self, names: &[&str]) -> &mut Self {
        for name in names {
            self.sample(name, Some(Status::DOWN), Some(CauseCode::Timeout));
        }
        self
    }

    fn unresolved(&mut self, name: &str) -> &mut Self {
        self.sample(name, Some(Status::DOWN), Some(CauseCode::Dns))
    }

    fn says(&mut self, said: &'static str) -> &mut Self {
        self.references[0] = said;
        self
    }

    /// Compares the samples judged since the last call.
    #[track_caller]
    fn judged(&mut self, expected: &str) -> &mut Self {
        let judged = std::mem::take(&mut self.judged).join(" ");
        assert_eq!(judged, expected, "judged, at {:?}", self.now);
        self
    }

    /// Compares which nodes are held.
    #[track_caller]
    fn held(&mut self, expected: &str) -> &mut Self {
        let held: Vec<&str> = self.held.iter().map(String::as_str).collect();
        assert_eq!(held.join(" "), expected, "held, at {:?}", self.now);
        self
    }

    /// Compares which sources are to be checked again since the last call, and the longest delay in
    /// seconds.
    #[track_caller]
    fn rechecked(&mut self, expected: &str, within: f64) -> &mut Self {
        let all = std::mem::take(&mut self.recheck);
        let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names.join(" "), expected, "asked again, at {:?}", self.now);
        let last = all.iter().map(|(_, soon)| soon.as_secs_f64());
        let last = last.fold(0.0, f64::max);
        assert!(last <= within, "the last after {last} s");
        self
    }
}
