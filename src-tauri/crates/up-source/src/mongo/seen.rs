//! What is known of a fleet between two checks: each agent's last contact, and each path's last
//! sample. All times are those of the MongoDB's clock.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use up_core::component::MAX_COMPONENTS;
use up_core::{Status, Timestamp};
use up_history::KeptCause;
use up_history::mongo::{AgentContact, FleetReport, FleetScope, LatestSample};

/// How far back the first check reads. After a check that failed, the next one reads less, because
/// the MongoDB may have been busy.
const FIRST: Duration = Duration::from_hours(1);

/// How far back every check reads at least: samples may come late.
const OVERLAP: Duration = Duration::from_mins(2);

/// So many intervals without a sample, and an agent is silent.
const INTERVALS: f64 = 3.0;

/// The shortest time after which an agent is silent whose samples alone show how often it checks, in
/// seconds.
const SHORTEST_GUESSED: f64 = 60.0;

/// The interval of which nothing is known yet, in seconds.
const GUESSED: f64 = 100.0;

/// An agent that was silent is shown for so long after it came back, in seconds, so that people are
/// notified of it before it is hidden.
const SHOWN: f64 = 120.0;

/// A path is unknown, and later left out, when it was not written for so long (in seconds).
const PATH_LATE: f64 = 300.0;
const PATH_GONE: f64 = 3_600.0;

/// An agent is forgotten so long after its last contact, in seconds.
const AGENT_GONE: f64 = 7.0 * 86_400.0;

/// After the MongoDB was away, agents find it again within this time, in seconds.
const RETURN: f64 = 45.0;

/// The most agents and the most paths that are known, each.
const MOST: usize = MAX_COMPONENTS;

/// What is known of a fleet.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) agents: BTreeMap<Box<str>, SeenAgent>,
    /// The paths of all agents.
    paths: usize,
    /// The time of the last report.
    pub(super) now: Timestamp,
    /// When the last report came, by the clock of this machine.
    last: Option<Instant>,
    /// The next check reads no further back than this.
    reach: Option<Duration>,
    /// Until when no agent is called silent: the MongoDB was away.
    grace: Timestamp,
    was_lost: bool,
    /// What the last report had that is not shown.
    pub(super) left_out: usize,
    pub(super) unreadable: u64,
    pub(super) truncated: bool,
}

/// What is known of one agent.
#[derive(Default)]
pub(super) struct SeenAgent {
    pub(super) contact: Option<AgentContact>,
    /// The date of its newest sample.
    newest: Timestamp,
    pub(super) paths: BTreeMap<Box<str>, SeenPath>,
    pub(super) is_silent: bool,
    /// When it was last heard of again after it was silent.
    returned: Timestamp,
    /// True for a while after that.
    pub(super) is_back: bool,
}

/// What is known of one path of an agent.
pub(super) struct SeenPath {
    pub(super) date: Timestamp,
    pub(super) status: Option<Status>,
    pub(super) duration: f64,
    pub(super) cause: Option<KeptCause>,
    /// The status of the sample before.
    pub(super) before: Option<Status>,
    /// The time between two samples, in seconds, once there were two.
    gap: Option<f64>,
    /// True if it was not written for too long.
    pub(super) is_late: bool,
    /// Of what date the sample was that was last reported, and whether it was late or held then.
    pub(super) reported: Option<(Timestamp, bool)>,
}

impl Seen {
    /// How far back the next check is to read.
    pub(super) fn window(&self) -> Duration {
        let wanted = self.last.map_or(FIRST, |last| last.elapsed() + OVERLAP);
        wanted.min(self.reach.unwrap_or(FIRST))
    }

    /// The MongoDB could not be read: everything is reported anew afterwards.
    pub(super) fn lose(&mut self) {
        self.was_lost = true;
        self.reach = Some((self.window() / 4).max(OVERLAP));
        let agents = self.agents.values_mut();
        for path in agents.flat_map(|agent| agent.paths.values_mut()) {
            path.reported = None;
        }
    }

    /// True if a sample with this status tells something that is not known: another status, or a path
    /// that there is room for.
    pub(super) fn differs(&self, agent: &str, path: &str, status: Option<Status>) -> bool {
        let agent = self.agents.get(agent);
        match agent.and_then(|agent| agent.paths.get(path)) {
            Some(path) => path.status != status || path.is_late,
            None => self.paths < MOST,
        }
    }

    /// Takes up a report.
    pub(super) fn take(&mut self, report: FleetReport, scope: &FleetScope) {
        self.now = report.now;
        // A first report after a failure may come as the agents still wait to try again.
        if std::mem::take(&mut self.was_lost) && self.last.is_some() {
            self.grace = self.now + RETURN;
        }
        self.last = Some(Instant::now());
        self.reach = None;
        self.left_out = 0;
        (self.unreadable, self.truncated) = (report.unreadable, report.truncated);
        for contact in report.agents {
            if self.now - contact.at > AGENT_GONE && scope.agents.is_empty() {
                continue;
            }
            if let Some(agent) = self.agent(&contact.name) {
                agent.contact = Some(contact);
            }
        }
        for name in &scope.agents {
            self.agent(name);
        }
        for sample in report.latest {
            self.sample(sample);
        }
        let (now, grace, mut paths) = (self.now, self.grace, 0);
        self.agents.retain(|name, agent| {
            agent.settle(now, grace);
            paths += agent.paths.len();
            let is_named = scope.agents.iter().any(|named| **named == **name);
            is_named || now - agent.last() <= AGENT_GONE
        });
        self.paths = paths;
    }

    fn agent(&mut self, name: &str) -> Option<&mut SeenAgent> {
        if !self.agents.contains_key(name) {
            if self.agents.len() >= MOST {
                self.left_out += 1;
                return None;
            }
            self.agents.insert(name.into(), SeenAgent::default());
        }
        self.agents.get_mut(name)
    }

    fn sample(&mut self, sample: LatestSample) {
        let (room, now) = (self.paths < MOST, self.now);
        let Some(agent) = self.agent(&sample.agent) else {
            return;
        };
        agent.newest = agent.newest.max(sample.point.date.min(now));
        if let Some(known) = agent.paths.get_mut(&*sample.path) {
            known.renew(sample);
        } else if room {
            let path = sample.path.as_str().into();
            agent.paths.insert(path, SeenPath::new(sample));
            self.paths += 1;
        } else {
            self.left_out += 1;
        }
    }
}

impl SeenAgent {
    /// When it last wrote.
    pub(super) fn last(&self) -> Timestamp {
        let contact = self.contact.as_ref().map_or(0.0, |contact| contact.at);
        contact.max(self.newest)
    }

    /// For how long it may write nothing, in seconds.
    pub(super) fn limit(&self) -> f64 {
        if let Some(limit) = self.contact.as_ref().and_then(AgentContact::silent_after) {
            return limit;
        }
        let gaps = self.paths.values().filter_map(|path| path.gap);
        let shortest = gaps.reduce(f64::min).unwrap_or(GUESSED);
        (INTERVALS * shortest).max(SHORTEST_GUESSED)
    }

    fn settle(&mut self, now: Timestamp, grace: Timestamp) {
        let was_silent = self.is_silent;
        self.is_silent = now - self.last() > self.limit() && (was_silent || now >= grace);
        if was_silent && !self.is_silent {
            self.returned = now;
        }
        self.is_back = now - self.returned <= SHOWN;
        // What a silent agent has not written is no news of its paths.
        let until = if now - self.last() > SHORTEST_GUESSED {
            self.last()
        } else {
            now
        };
        self.paths.retain(|_, path| {
            let late = path
                .gap
                .map_or(PATH_GONE, |gap| (INTERVALS * gap).max(PATH_LATE));
            path.is_late = until - path.date > late;
            until - path.date <= late + PATH_GONE
        });
    }
}

impl SeenPath {
    fn new(sample: LatestSample) -> Self {
        let mut new = Self {
            date: sample.first,
            status: None,
            duration: 0.0,
            cause: None,
            before: None,
            gap: None,
            is_late: false,
            reported: None,
        };
        new.set(sample);
        new.before = new.status;
        new
    }

    fn renew(&mut self, sample: LatestSample) {
        if sample.point.date > self.date {
            self.before = self.status;
            self.set(sample);
        }
    }

    fn set(&mut self, sample: LatestSample) {
        let date = sample.point.date;
        self.gap = match sample.count {
            0 | 1 if date > self.date => Some(date - self.date),
            0 | 1 => self.gap,
            // Precise enough below 2^53.
            count => Some((date - sample.first) / (count - 1) as f64),
        };
        self.date = date;
        self.status = sample.point.status.and_then(Status::new);
        self.duration = sample.point.duration;
        self.cause = sample.point.cause;
    }

    /// The better of the last two statuses: one failed check alone is no outage yet.
    pub(super) fn confirmed(&self) -> Option<Status> {
        match (self.status, self.before) {
            (Some(status), Some(before)) if before.value() > status.value() => Some(before),
            (status, _) => status,
        }
    }
}
