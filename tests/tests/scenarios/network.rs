//! Our own network, sleep and clocks in a scenario: the reports of the system, and the answers of
//! references.

use std::time::Duration;

use serde::Deserialize;
use up_core::Input;
use up_core::connectivity::{ConnectivityEvent, ReferenceAnswer, ReferenceRequest, RouteScope};
use up_source::WrittenDuration;

/// A change of our network.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkStep {
    /// Whether there is a default route.
    pub(crate) route: Option<bool>,
    /// The answers of the references in `[network]`, a letter each.
    pub(crate) references: Option<String>,
    /// The answers of references that belong to sources.
    pub(crate) own: Option<String>,
    /// Whether names are resolved.
    pub(crate) resolver: Option<bool>,
    /// Sources that are now on a local network.
    #[serde(default)]
    pub(crate) local: Vec<String>,
    /// Sources that are now routed into a tunnel.
    #[serde(default)]
    pub(crate) tunnel: Vec<String>,
    /// Sources that have only the default route now.
    #[serde(default)]
    pub(crate) beyond: Vec<String>,
}

/// The state of the network, and the requests under way.
#[derive(Debug)]
pub(crate) struct Air {
    references: [String; 2],
    resolver: bool,
    route: bool,
    /// The requests, and when each is answered.
    pub(crate) asked: Vec<(Duration, ReferenceRequest)>,
    /// How many seconds the wall clock is ahead of the steady clock, because of sleep or because it
    /// was set.
    pub(crate) ahead: f64,
}

impl Default for Air {
    fn default() -> Self {
        Self {
            references: ["a".into(), "a".into()],
            resolver: true,
            route: true,
            asked: Vec::new(),
            ahead: 0.0,
        }
    }
}

impl Air {
    /// Applies a change, and returns what the system reports.
    pub(crate) fn change(
        &mut self,
        network: &NetworkStep,
        find: impl Fn(&str) -> up_core::NodeId,
    ) -> Option<Input> {
        for (to, from) in [(0, &network.references), (1, &network.own)] {
            if let Some(said) = from {
                self.references[to].clone_from(said);
            }
        }
        self.resolver = network.resolver.unwrap_or(self.resolver);
        self.route = network.route.unwrap_or(self.route);
        let lists = [
            (&network.local, RouteScope::Local),
            (&network.tunnel, RouteScope::Tunnel),
            (&network.beyond, RouteScope::Beyond),
        ];
        let scopes = lists.into_iter();
        let scopes = scopes.flat_map(|(paths, way)| paths.iter().map(move |path| (path, way)));
        let scopes: Vec<_> = scopes.map(|(path, way)| (find(path), way)).collect();
        let default = self.route;
        (network.route.is_some() || !scopes.is_empty()).then_some(Input::Network(
            ConnectivityEvent::Routes { default, scopes },
        ))
    }

    /// Records requests. An answer takes a moment, silence the whole timeout.
    pub(crate) fn ask(&mut self, now: Duration, questions: Vec<ReferenceRequest>) {
        for question in questions {
            let silent = !self.said(question).contains(&ReferenceAnswer::Answered);
            let takes = if silent { 3_000 } else { 100 };
            self.asked
                .push((now + Duration::from_millis(takes), question));
        }
    }

    /// When the next request is answered.
    pub(crate) fn due(&self) -> Option<Duration> {
        self.asked.iter().map(|(then, _)| *then).min()
    }

    /// The answer that is due now.
    pub(crate) fn answer(&mut self) -> Option<Input> {
        let due = self.due()?;
        let at = self.asked.iter().position(|(then, _)| *then == due)?;
        let (_, question) = self.asked.remove(at);
        Some(Input::Network(ConnectivityEvent::Answers {
            group: match question {
                ReferenceRequest::Group(group) => Some(group),
                ReferenceRequest::Resolver => None,
            },
            replies: self.said(question),
            resolver: Some(self.resolver),
        }))
    }

    fn said(&self, question: ReferenceRequest) -> Vec<ReferenceAnswer> {
        let said = match question {
            ReferenceRequest::Group(0) => &self.references[0],
            ReferenceRequest::Group(_) => &self.references[1],
            ReferenceRequest::Resolver => return Vec::new(),
        };
        let reply = |letter| match letter {
            'a' => ReferenceAnswer::Answered,
            'w' => ReferenceAnswer::Wrong,
            's' => ReferenceAnswer::Silent,
            other => panic!("{other:?} is no reference's answer: use a, w or s"),
        };
        said.chars().map(reply).collect()
    }
}

/// The machine sleeps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SleepStep {
    /// How long it sleeps.
    pub(crate) long: WrittenDuration,
    /// Whether the system reports it. Otherwise only the clocks show it.
    #[serde(default = "yes")]
    pub(crate) said: bool,
}

fn yes() -> bool {
    true
}
