//! Saves and restores the dispatcher: what people were notified of and what they are to be notified
//! of.

use std::sync::Arc;
use std::time::Duration;

use super::reopened::ReopenedIncident;
use super::{Began, Dispatcher, ReopenedIncidents, flush};
use crate::alert::incident::{Incident, PendingChange, Remind};
use crate::alert::saved::{
    SavedAlerts, SavedFormer, SavedIncident, SavedMember, SavedPendingChange, SavedReminder,
};
use crate::moment::Moment;
use crate::moment::{future, past, wall};
use crate::notice::Member;
use crate::outline::NodeId;
use crate::world::World;

/// After a restart, no reminder is sent before the first round of checks can be over.
const FIRST_ROUND: Duration = super::START;

impl Dispatcher {
    /// The dispatcher's state in the form that is saved.
    pub(crate) fn saved(&self, world: &World, now: Moment) -> SavedAlerts {
        let path = |node: NodeId| Arc::clone(&world.outline().node(node).path);
        let kept = |member: &Member, id| (path(member.node), SavedMember::of(member, id));
        let open_incidents = self.incidents.iter();
        let members = open_incidents.clone().flat_map(|(id, open)| {
            let members = open.members.values();
            members.map(|member| kept(member, Some(*id)))
        });
        let waiting = self.waiting.values().map(|member| kept(member, None));
        let former = self.reopened.iter(world, now);
        SavedAlerts {
            incidents: open_incidents
                .map(|(id, open)| (*id, incident(open, now)))
                .collect(),
            members: waiting.chain(members).collect(),
            former: former
                .map(|(node, incident, told)| {
                    let told = wall(told, now);
                    (path(node), SavedFormer { incident, told })
                })
                .collect(),
            silenced: self.silenced.iter().map(|node| path(*node)).collect(),
            told: self
                .rate_limiter
                .times()
                .map(|told| wall(told, now))
                .collect(),
            last: self.last,
        }
    }

    /// Restores a saved state. `to` finds the node of a path, if it is still the same source.
    /// Incidents whose sources are gone are withdrawn.
    pub(crate) fn restore(
        &mut self,
        saved: &SavedAlerts,
        now: Moment,
        to: impl Fn(&str) -> Option<NodeId>,
    ) {
        self.last = self.last.max(saved.last);
        let told = saved.told.iter().map(|told| past(*told, now));
        self.rate_limiter.restore(told);
        self.silenced = saved.silenced.iter().filter_map(|path| to(path)).collect();
        for (path, former) in &saved.former {
            if let Some(node) = to(path) {
                let told = past(former.told, now);
                self.reopened.restore(node, former.incident, told);
            }
        }
        for (id, incident) in &saved.incidents {
            let members = saved.members.iter();
            let members = members.filter(|(_, member)| member.incident == Some(*id));
            let members: Vec<_> = members.collect();
            self.resume(*id, incident, &members, now, &to);
        }
        for (path, member) in &saved.members {
            let waits = member.incident.is_none();
            let Some(node) = to(path) else { continue };
            self.began
                .insert(node, Began::at(past(member.since(), now)));
            if waits {
                self.waiting
                    .insert(node, member.member(node, path, now.wall));
            }
        }
    }

    fn resume(
        &mut self,
        id: u64,
        saved: &SavedIncident,
        members: &[(&Arc<str>, &SavedMember)],
        now: Moment,
        to: &impl Fn(&str) -> Option<NodeId>,
    ) {
        let member =
            |node, (path, member): &(&Arc<str>, &SavedMember)| member.member(node, path, now.wall);
        let there = members
            .iter()
            .filter_map(|kept| Some(member(to(kept.0)?, kept)));
        let mut open = Incident::new(there, PendingChange::Fell);
        if open.members.is_empty() {
            let lost = members.iter().map(|kept| member(NodeId::GONE, kept));
            let lost: Vec<Member> = lost.collect();
            if saved.told && !lost.is_empty() {
                self.ready.extend(flush::withdrawn(id, lost, now));
            }
            return;
        }
        open.pending = saved.news.map(PendingChange::from);
        open.notified = saved.told;
        open.worst = saved
            .worst
            .and_then(|worst| crate::judge::Verdict::from(worst).level());
        open.replaces.clone_from(&saved.replaces);
        open.remind = saved.reminder.map(|reminder| Remind {
            due: future(reminder.due, now).max(now.steady + FIRST_ROUND),
            step: Duration::try_from_secs_f64(reminder.step).unwrap_or(FIRST_ROUND),
        });
        self.begin(id, open);
    }
}

fn incident(open: &Incident, now: Moment) -> SavedIncident {
    let level = |level| crate::judge::Verdict::At(level).into();
    SavedIncident {
        news: open.pending.map(SavedPendingChange::from),
        reminder: open.remind.map(|remind| SavedReminder {
            due: wall(remind.due, now),
            step: remind.step.as_secs_f64(),
        }),
        replaces: open.replaces.clone(),
        told: open.notified,
        worst: open.worst.map(level),
    }
}

impl From<PendingChange> for SavedPendingChange {
    fn from(change: PendingChange) -> Self {
        match change {
            PendingChange::Worse => Self::Worse,
            PendingChange::Fell => Self::Fell,
            PendingChange::Flaps => Self::Flaps,
            PendingChange::Settled => Self::Settled,
        }
    }
}

impl From<SavedPendingChange> for PendingChange {
    fn from(change: SavedPendingChange) -> Self {
        match change {
            SavedPendingChange::Worse => Self::Worse,
            SavedPendingChange::Fell => Self::Fell,
            SavedPendingChange::Flaps => Self::Flaps,
            SavedPendingChange::Settled => Self::Settled,
        }
    }
}

impl ReopenedIncidents {
    /// The entries as paths, ids, and dates of the notice.
    fn iter<'w>(
        &'w self,
        world: &'w World,
        now: Moment,
    ) -> impl Iterator<Item = (NodeId, u64, Duration)> + 'w {
        let kept = self.0.iter();
        let kept = kept.map(|(node, known)| (*node, known.id, known.notified));
        kept.filter(move |(node, ..)| self.of(*node, world, now.steady).is_some())
    }

    /// Records that a source's recovery was notified at that time, under this id.
    pub(super) fn restore(&mut self, node: NodeId, id: u64, notified: Duration) {
        let failed = notified;
        self.0.insert(
            node,
            ReopenedIncident {
                id,
                notified,
                failed,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::SavedVerdict;

    #[test]
    fn an_outage_whose_sources_are_gone_is_withdrawn_only_if_it_was_told() {
        let check = |told: bool, expected: usize| {
            let incident = SavedIncident {
                news: None,
                reminder: None,
                replaces: Vec::new(),
                told,
                worst: Some(SavedVerdict::Down),
            };
            let member = Member {
                node: NodeId::GONE,
                path: "/R/a".into(),
                verdict: crate::judge::Verdict::At(crate::status::Level::Down),
                status: None,
                cause: None,
                since: crate::judge::Beginning::observed(10.0),
                until: None,
                off: None,
            };
            let mut saved = SavedAlerts::default();
            saved.incidents.insert(7, incident);
            let kept = SavedMember::of(&member, Some(7));
            saved.members.insert("/R/a".into(), kept);
            let now = Moment {
                wall: 100.0,
                steady: Duration::from_secs(100),
            };
            let mut dispatcher = Dispatcher::default();
            dispatcher.restore(&saved, now, |_| None);
            assert_eq!(dispatcher.ready.len(), expected, "told: {told}");
        };
        check(true, 1);
        check(false, 0);
    }
}
