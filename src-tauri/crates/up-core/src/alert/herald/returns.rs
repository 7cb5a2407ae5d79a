//! Outages that return: what falls again soon after it was told to be back goes on under the id
//! that it had, so that its bubble changes and does not double.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Herald;
use crate::alert::case::{Case, News};
use crate::alert::notice::Member;
use crate::judge::WINDOW;
use crate::outline::NodeId;
use crate::watch::Moment;
use crate::world::World;

/// Whoever is told of a fall so soon after the recovery takes it for the same trouble, however
/// often it is asked.
const SOON: Duration = Duration::from_mins(30);

/// For each source that was told to be back, the id that it was told under, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Former(pub(super) BTreeMap<NodeId, (u64, Duration)>);

impl Former {
    /// It was told to be back.
    pub(super) fn is_back(&mut self, node: NodeId, id: u64, now: Moment) {
        self.0.insert(node, (id, now.steady));
    }

    /// The id that a fall of this source goes on under: it is as soon after its recovery as samples
    /// are looked at for flapping, so that flapping is told under the id of its first fall.
    pub(super) fn of(&self, node: NodeId, world: &World, now: Moment) -> Option<u64> {
        let (id, told) = *self.0.get(&node)?;
        let interval = world.outline().node(node).rules.interval;
        let span = SOON.max(interval.saturating_mul(WINDOW));
        (now.steady.saturating_sub(told) <= span).then_some(id)
    }

    /// Nothing goes on under this id.
    pub(super) fn forget(&mut self, id: u64) {
        self.0.retain(|_, (former, _)| *former != id);
    }

    /// The outline is another: what was `node` is now `to(node)`, if it is there at all.
    pub(super) fn moved(&mut self, to: impl Fn(NodeId) -> Option<NodeId>) {
        let former = std::mem::take(&mut self.0).into_iter();
        self.0 = former
            .filter_map(|(node, known)| Some((to(node)?, known)))
            .collect();
    }
}

impl Herald {
    /// A fall goes on under its old id; gives it back when what has that id flaps, which is an
    /// outage of its own.
    pub(super) fn return_to(&mut self, id: u64, member: Member) -> Option<Member> {
        let Some(case) = self.cases.get_mut(&id) else {
            let mut case = Case::new([member], News::Fell);
            case.told = true;
            self.begin(id, case);
            return None;
        };
        if case.flaps() {
            return Some(member);
        }
        self.case_of.insert(member.node, id);
        case.members.insert(member.node, member);
        case.tell(News::Fell);
        None
    }

    /// A fall that had that id is told with another outage: what was shown of its recovery goes.
    pub(super) fn returned_in(&mut self, into: u64, id: u64) {
        if id == into || self.cases.contains_key(&id) {
            return;
        }
        let case = self.cases.get_mut(&into);
        if let Some(case) = case.filter(|case| !case.replaces.contains(&id)) {
            case.replaces.push(id);
        }
    }
}
