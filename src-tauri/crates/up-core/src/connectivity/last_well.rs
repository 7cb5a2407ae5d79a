//! What the connectivity guard knows of one source, for the watch.

use std::time::Duration;

use super::attribution::{Attribution, attribute};
use super::{ConnectivityGuard, Reach, RouteScope, reach};
use crate::hold::Hold;
use crate::outline::NodeId;
use crate::sample::Sample;
use crate::world::World;

impl ConnectivityGuard {
    /// True of a failure that can be the fault of this machine's network.
    pub(crate) fn can_be_ours(
        &self,
        world: &World,
        node: NodeId,
        sample: &Sample,
        hold: Option<Hold>,
    ) -> bool {
        let Some(index) = self.index_of(world, node) else {
            return false;
        };
        let proof = self.sources[index].guarded.reach.proof();
        matches!(
            attribute(sample, hold, proof),
            Attribution::Name | Attribution::Doubtful
        )
    }

    /// True when the network was surely there as a check of this source began, or when nothing
    /// could show that it was not.
    pub(crate) fn was_there(
        &self,
        world: &World,
        node: NodeId,
        (began, ended): (Duration, Duration),
    ) -> bool {
        let index = self
            .index_of(world, node)
            .filter(|index| self.is_of_group(*index));
        let Some((index, group)) =
            index.and_then(|index| Some((index, self.sources[index].guarded.group?)))
        else {
            return true;
        };
        let group = &self.groups[group];
        let is_resolved = || !self.is_named(index) || group.resolved.covers(began, ended);
        let evidence = if self.sources[index].ipv6 {
            &group.over_ipv6
        } else {
            &group.evidence
        };
        !group.has_references() || evidence.covers(began, ended) && is_resolved()
    }

    /// Has the references checked at `then`, when a source in doubt is checked again.
    pub(crate) fn doubted(&mut self, world: &World, node: NodeId, then: Duration) {
        let index = self.index_of(world, node);
        let Some(group) = index.and_then(|index| self.sources[index].guarded.group) else {
            return;
        };
        let group = &mut self.groups[group];
        if group.has_references() && group.offline().is_none() {
            group.want(then);
        }
    }

    /// True of a source whose traffic leaves the local network.
    pub(crate) fn is_beyond(&self, world: &World, node: NodeId) -> bool {
        self.index_of(world, node).is_some_and(|index| {
            let source = &self.sources[index];
            matches!(source.guarded.reach, Reach::Host { .. })
                && !matches!(self.scope(index), RouteScope::Here | RouteScope::Local)
        })
    }

    /// The failure domain of a source; equal for related hosts.
    pub(crate) fn failure_domain(&self, world: &World, node: NodeId) -> Option<u32> {
        self.sources[self.index_of(world, node)?].failure_domain
    }

    /// True of a source whose host has a name to resolve.
    pub(super) fn is_named(&self, index: usize) -> bool {
        let host = self.sources[index].guarded.reach.host();
        host.is_some_and(|host| !reach::is_address(host))
    }

    /// The index of the source of a node: the node's own, or for a component, that of the source
    /// that reports it.
    pub(super) fn index_of(&self, world: &World, node: NodeId) -> Option<usize> {
        let outline = world.outline();
        let mut at = Some(node);
        while let Some(id) = at {
            if let Some(index) = self.by_node.get(&id) {
                return Some(*index);
            }
            at = outline.node(id).parent;
        }
        None
    }
}
