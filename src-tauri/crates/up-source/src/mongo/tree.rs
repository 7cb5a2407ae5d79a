//! The components of a fleet: a tree for each agent, made of the paths that it wrote.

use std::collections::BTreeMap;

use up_core::component::MAX_DEPTH;
use up_core::fold::{FoldedChild, Policy};
use up_core::{Cause, CauseCode, CheckResult, Component, Detail, Hold, ReportedComponents, Status};
use up_history::mongo::{AGENT_NODE, NO_AGENT};

use super::seen::{Seen, SeenAgent, SeenPath};

/// How far an agent's clock may be off without a remark, in seconds.
const CLOCK_OFF: f64 = 60.0;

/// The most names in a cause.
const NAMED: usize = 5;

/// A component, and the status with which it counts in the fold above it.
type Folded = (Component, Option<Status>);

/// The check result: all agents, folded by `policy`.
pub(super) fn result(seen: &mut Seen, policy: Policy) -> CheckResult {
    let mut agents: Vec<Folded> = Vec::new();
    let (mut failing, mut silent) = (Vec::new(), Vec::new());
    for (name, agent) in &mut seen.agents {
        if agent.is_silent {
            silent.push(shown(name).to_owned());
        } else {
            let paths = agent.paths.iter();
            let down = paths.filter(|(_, path)| path.confirmed().is_some_and(|s| !s.is_up()));
            failing.extend(down.map(|(path, _)| format!("{}{path}", shown(name))));
        }
        agents.push(one(shown(name), agent));
    }
    let status = policy.fold(agents.iter().map(|(_, status)| child(*status)));
    let is_echo = !agents.is_empty() && agents.iter().all(|(component, _)| is_echo(component));
    let count = agents.len();
    let components = agents.into_iter().map(|(component, _)| component).collect();
    let reported = ReportedComponents::new(components, false);
    let mut detail = Detail::new();
    detail.put("agents", count as f64);
    let left_out = seen.left_out + reported.left_out();
    if left_out > 0 {
        detail.put("components_left_out", left_out as f64);
    }
    if seen.unreadable > 0 {
        detail.put("unreadable_samples", seen.unreadable as f64);
    }
    if seen.truncated {
        detail.put("more_samples_than_read", true);
    }
    let answer = match status {
        _ if count == 0 => {
            let text = "no agent has written there within the last hour";
            CheckResult::unknown(CauseCode::Missing, text)
        }
        None => CheckResult::unknown(CauseCode::Missing, "nothing is known of any path there"),
        Some(status) if status.is_up() => CheckResult::up(),
        Some(status) => {
            CheckResult::degraded(status, CauseCode::Reported, cause(&silent, &failing))
        }
    };
    CheckResult {
        components: Some(reported),
        echo: is_echo,
        ..answer.with_detail(detail)
    }
}

fn shown(agent: &str) -> &str {
    if agent.is_empty() { NO_AGENT } else { agent }
}

fn child(status: Option<Status>) -> FoldedChild {
    FoldedChild {
        status,
        weight: 1.0,
    }
}

fn is_echo(component: &Component) -> bool {
    match &component.members[..] {
        [] => component.echo,
        // What is hidden tells nothing new.
        members => members.iter().filter(|member| !member.quiet).all(is_echo),
    }
}

/// Who is silent, and what is not up, for a person.
fn cause(silent: &[String], failing: &[String]) -> String {
    let list = |names: &[String]| {
        let more = names.len().saturating_sub(NAMED);
        let names = names[..names.len().min(NAMED)].join(", ");
        if more > 0 {
            format!("{names} and {more} more")
        } else {
            names
        }
    };
    let mut parts = Vec::new();
    match silent {
        [] => {}
        [one] => parts.push(format!("agent {one} is silent")),
        all => parts.push(format!("{} agents are silent: {}", all.len(), list(all))),
    }
    if !failing.is_empty() {
        parts.push(format!("not up: {}", list(failing)));
    }
    parts.join("; ")
}

/// One agent: whether it writes, and below it what it wrote.
fn one(name: &str, agent: &mut SeenAgent) -> Folded {
    let own = contact(name, agent);
    if agent.paths.is_empty() {
        let status = own.status;
        let component = Component {
            name: name.into(),
            quiet: false,
            ..own
        };
        return (component, status);
    }
    let is_silent = agent.is_silent;
    let mut root = Branch::default();
    for (path, seen) in &mut agent.paths {
        root.insert(path, seen);
    }
    let (mut members, status) = root.members(is_silent.then_some(name));
    let status = if is_silent { own.status } else { status };
    members.insert(0, own);
    let component = Component {
        name: name.into(),
        members,
        ..Component::default()
    };
    (component, status)
}

/// The component that is down while the agent is silent, and hidden while it writes.
fn contact(name: &str, agent: &SeenAgent) -> Component {
    let mut detail = Detail::new();
    detail.put("last_contact", agent.last());
    let mut cause = None;
    if let Some(contact) = &agent.contact {
        detail.put("version", contact.version.as_str());
        if let Some(sources) = contact.sources {
            detail.put("sources", sources as f64);
        }
        let off = contact.clock.map(|clock| clock - contact.at);
        if let Some(off) = off.filter(|off| off.abs() > CLOCK_OFF) {
            detail.put("clock_off", off.round());
            cause = Some(format!(
                "the clock of agent {name} is off by {:.0} s, so that its samples are not found",
                off.abs()
            ));
        }
    }
    let status = if agent.is_silent {
        let limit = agent.limit();
        cause = Some(format!(
            "agent {name} is silent: it has written nothing for longer than {limit:.0} s"
        ));
        Some(Status::DOWN)
    } else if agent.paths.is_empty() {
        cause.get_or_insert_with(|| format!("agent {name} has written no sample lately"));
        None
    } else {
        cause = None;
        Some(Status::UP)
    };
    Component {
        name: AGENT_NODE.into(),
        status,
        cause: cause.map(|text| Cause::new(CauseCode::Silent, text)),
        detail,
        quiet: status == Some(Status::UP) && !agent.is_back,
        ..Component::default()
    }
}

/// A part of a path: what is below it, and the sample of the path that ends here.
#[derive(Default)]
struct Branch<'a> {
    below: BTreeMap<&'a str, Branch<'a>>,
    seen: Option<&'a mut SeenPath>,
}

impl<'a> Branch<'a> {
    fn insert(&mut self, path: &'a str, seen: &'a mut SeenPath) {
        let path = path.strip_prefix('/').unwrap_or(path);
        // The agent is a level of its own. Names that would be deeper than the bound stay together.
        let mut branch = self;
        for name in path.splitn(MAX_DEPTH - 1, '/') {
            branch = branch.below.entry(name).or_default();
        }
        branch.seen = Some(seen);
    }

    /// The components below here, and their statuses folded. `silent`: the name of the agent, if it
    /// is silent.
    fn members(self, silent: Option<&str>) -> (Vec<Component>, Option<Status>) {
        let below = self.below.into_iter();
        let folded: Vec<_> = below
            .map(|(name, branch)| branch.fold(name, silent))
            .collect();
        let status = Policy::Mean.fold(folded.iter().map(|(_, status)| child(*status)));
        let members = folded.into_iter().map(|(component, _)| component);
        (members.collect(), status)
    }

    fn fold(self, name: &str, silent: Option<&str>) -> Folded {
        if self.below.is_empty() {
            return match self.seen {
                Some(seen) => leaf(name, seen, silent),
                None => (Component::default(), None),
            };
        }
        // The sample of a tree is not needed: its members have samples of their own.
        let (members, status) = self.members(silent);
        let component = Component {
            name: name.into(),
            members,
            ..Component::default()
        };
        (component, status)
    }
}

/// A path with its newest sample.
fn leaf(name: &str, seen: &mut SeenPath, silent: Option<&str>) -> Folded {
    let is_old = silent.is_some() || seen.is_late;
    let report = Some((seen.date, is_old));
    let echo = seen.reported == report;
    seen.reported = report;
    let mut detail = Detail::new();
    detail.put("sampled", seen.date);
    let (status, hold, cause) = if let Some(agent) = silent {
        let text = format!("agent {agent} is silent");
        let cause = Cause::new(CauseCode::Silent, text);
        (None, Some(Hold::Unreachable), Some(cause))
    } else if seen.is_late {
        let text = "its agent has written nothing of it for longer than three of its intervals";
        (None, None, Some(Cause::new(CauseCode::Silent, text)))
    } else {
        let is_up = seen.status.is_some_and(Status::is_up);
        let cause = (!is_up).then(|| match &seen.cause {
            Some(kept) if !kept.text().is_empty() => {
                Cause::new(kept.code.unwrap_or(CauseCode::Reported), kept.text())
            }
            _ => Cause::new(CauseCode::Reported, "its agent says no more"),
        });
        (seen.status, None, cause)
    };
    let counted = if is_old { None } else { seen.confirmed() };
    let component = Component {
        name: name.into(),
        status,
        cause,
        detail,
        hold,
        duration: seen.duration,
        echo,
        ..Component::default()
    };
    (component, counted)
}
