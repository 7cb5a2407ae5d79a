//! How an outline changes: a source reports other components, or the configuration is reloaded. An
//! unchanged source or component keeps its key.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Kind, NOWHERE, Node, NodeId, Outline};
use crate::fold::Policy;
use crate::path;

/// The place of a component below its source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ComponentPosition<'p> {
    /// The depth below the source; 1 for a component directly below it.
    pub(crate) depth: u16,
    /// The kind of a component, or of a group of components.
    pub(crate) kind: Kind,
    pub(crate) name: &'p str,
}

impl Outline {
    /// Replaces all nodes below a source with these components, which are in pre-order. A component
    /// that was there with the same path and kind keeps its key. Returns the new nodes.
    pub(crate) fn replace_components(
        &mut self,
        source: NodeId,
        components: &[ComponentPosition<'_>],
    ) -> Vec<NodeId> {
        self.generation += 1;
        let range = self.subtree(source);
        let before: Vec<NodeId> = self.below(source).collect();
        let by_path = before.iter().map(|id| {
            let node = self.node(*id);
            ((Arc::clone(&node.path), node.kind), *id)
        });
        let mut known: HashMap<(Arc<str>, Kind), NodeId> = by_path.collect();
        self.nodes[source.index()].children.clear();
        let like_source = self.node(source).clone();
        let (mut placed, mut new) = (Vec::with_capacity(components.len()), Vec::new());
        let mut above = vec![source];
        for component in components {
            above.truncate(usize::from(component.depth));
            let parent = above.last().copied().unwrap_or(source);
            let node = as_component(&like_source, component.kind, component.name.into());
            let path: Arc<str> =
                path::join(&self.nodes[parent.index()].path, component.name).into();
            let id = known.remove(&(path, component.kind)).unwrap_or_else(|| {
                let id = self.new_key();
                new.push(id);
                id
            });
            self.put(id, Some(parent), node);
            above.push(id);
            placed.push(id);
        }
        let gone: HashSet<NodeId> = known.into_values().collect();
        for id in before.into_iter().filter(|id| gone.contains(id)) {
            self.positions[id.index()] = NOWHERE;
            self.free.push(id.index() as u32);
        }
        let first = range.start + 1;
        Arc::make_mut(&mut self.order).splice(first..range.end, placed);
        self.number(first);
        new
    }

    /// Takes over keys from `old`, the outline in use before. `same` has pairs of a node here and the
    /// same node there: this outline's node gets the other's key, and the other's components with
    /// their keys. Every other node gets a new key. Returns the new key of each node of this outline.
    pub fn succeed(
        &mut self,
        old: &Self,
        same: impl IntoIterator<Item = (NodeId, NodeId)>,
    ) -> HashMap<NodeId, NodeId> {
        let mut keys: HashMap<NodeId, NodeId> = same.into_iter().collect();
        let stays: HashSet<usize> = keys
            .values()
            .flat_map(|kept| old.at_and_below(*kept))
            .map(NodeId::index)
            .collect();
        let slots = stays.iter().max().map_or(0, |last| last + 1);
        // In reverse, so that the first slots are taken first.
        let free = (0..slots).rev().filter(|slot| !stays.contains(slot));
        let mut next = Self {
            nodes: vec![Node::new(Kind::PART, ""); slots],
            positions: vec![NOWHERE; slots],
            order: Arc::default(),
            free: free.map(|slot| slot as u32).collect(),
            generation: old.generation + 1,
        };
        let mut order = Vec::with_capacity(self.len());
        for (id, node) in self.iter() {
            let kept = keys.get(&id).copied();
            let key = kept.unwrap_or_else(|| next.new_key());
            keys.insert(id, key);
            let parent = node.parent.map(|parent| keys[&parent]);
            let node = Node {
                children: Vec::new(),
                ..node.clone()
            };
            next.put(key, parent, node.clone());
            order.push(key);
            for part in kept.into_iter().flat_map(|kept| old.below(kept)) {
                let of = old.node(part);
                next.put(
                    part,
                    of.parent,
                    as_component(&node, of.kind, of.name.clone()),
                );
                order.push(part);
            }
        }
        for (id, node) in self.iter() {
            let on = node.depends_on.iter().map(|on| keys[on]);
            next.depend(keys[&id], on.collect());
        }
        next.order = Arc::new(order);
        next.number(0);
        *self = next;
        keys
    }
}

/// The node of a component. It has its source's settings, except for those of one source only.
fn as_component(source: &Node, kind: Kind, name: Box<str>) -> Node {
    Node {
        kind,
        name,
        children: Vec::new(),
        weight: 1.0,
        policy: Policy::Mean,
        parallel: true,
        named: true,
        depends_on: Vec::new(),
        ..source.clone()
    }
}
