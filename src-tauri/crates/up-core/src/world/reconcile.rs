//! Reconciles the components that a source reports with the nodes below it: new components are added,
//! and those that are not reported any more are removed or kept for a while. Every other node keeps
//! its key, its state and its place in the order.

use std::collections::HashMap;

use super::names::{COMPONENT_NAMES, SourceNames};
use super::{NodeState, World};
use crate::cause::{Cause, CauseCode};
use crate::component::{Component, MAX_COMPONENTS, ReportedComponents};
use crate::judge::Verdict;
use crate::outline::{ComponentPosition, Kind, Node, NodeId, Outline};
use crate::sample::Timestamp;
use crate::status::Level;

/// The result of reconciling the components of a source.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconciled {
    /// True when the outline changed: components were added or removed.
    pub changed: bool,
    /// The leaves below the source and what was reported about each, in the order of the outline.
    pub components: Vec<(NodeId, Component)>,
    /// The number of components that were not added because the source reports too many new ones
    /// ([`COMPONENT_NAMES`]). The members of a group that was not added do not count.
    pub refused: usize,
}

/// Which components stay although they are not reported any more. The number is how many of them
/// there is room for.
enum Stay {
    /// Those in trouble, as up again: their source lists only components in trouble.
    Recovered(usize),
    /// All of them, as unknown.
    Unheard(usize),
}

/// The number of components, groups and their members included.
fn count(components: &[Component]) -> usize {
    components
        .iter()
        .map(|component| 1 + count(&component.members))
        .sum()
}

/// A component and its depth below the source.
struct ComponentPlace {
    depth: u16,
    kind: Kind,
    component: Component,
}

impl World {
    /// Replaces the components below a source with those that it reported at `now`. A component that
    /// was there keeps its state, and one that is not reported any more is removed. The number of new
    /// ones is limited. While the source reports more new ones than that, those that it does not
    /// report any more stay, because they may be the same ones under other names.
    pub fn reconcile(
        &mut self,
        id: NodeId,
        reported: ReportedComponents,
        now: Timestamp,
    ) -> Reconciled {
        let (list, others_up) = reported.into_parts();
        let names = self.states[id.index()].component_names.take();
        let mut names = names.unwrap_or_else(|| Box::new(SourceNames::new(COMPONENT_NAMES)));
        let mut refused = 0;
        let mut admit = |path: &str| {
            let admitted = names.admit(path, now);
            refused += usize::from(!admitted);
            admitted
        };
        let list = self.admitted(Some(id), "", list, &mut admit);
        self.states[id.index()].component_names = Some(names);
        let mut stay = match (others_up, refused) {
            (true, _) => Stay::Recovered(MAX_COMPONENTS),
            (false, 0) => Stay::Recovered(0),
            (false, _) => Stay::Unheard(MAX_COMPONENTS.saturating_sub(count(&list))),
        };
        let fitted = self.fitted(Some(id), list, &mut stay);
        let mut places = Vec::new();
        lay_out(fitted, 1, &mut places);
        let changed = !self.is_laid_out(id, &places);
        if changed {
            self.replace_components(id, &places);
        }
        let nodes = self.outline.below(id).zip(places);
        let leaves = nodes.filter(|(_, place)| place.kind != Kind::TREE);
        Reconciled {
            changed,
            components: leaves.map(|(id, place)| (id, place.component)).collect(),
            refused,
        }
    }

    /// The components that are below that node already, and those whose path below the source
    /// `admit` accepts.
    fn admitted(
        &self,
        at: Option<NodeId>,
        above: &str,
        components: Vec<Component>,
        admit: &mut dyn FnMut(&str) -> bool,
    ) -> Vec<Component> {
        let known = self.children_by_name(at);
        let mut admitted = Vec::new();
        for component in components {
            let here = known.get(&*component.name).copied();
            // A new component that is quiet is not shown.
            if here.is_none() && component.quiet {
                continue;
            }
            let path = crate::path::join(above, &component.name);
            if here.is_none() && !admit(&path) {
                continue;
            }
            let is_group = component.is_group();
            let members = self.admitted(here, &path, component.members, admit);
            if is_group && members.is_empty() {
                continue;
            }
            admitted.push(Component {
                members,
                ..component
            });
        }
        admitted
    }

    fn children_by_name(&self, at: Option<NodeId>) -> HashMap<&str, NodeId> {
        let children = at.map_or(&[][..], |at| &self.outline.node(at).children);
        let named = |child: &NodeId| (&*self.outline.node(*child).name, *child);
        children.iter().map(named).collect()
    }

    /// Replaces the components below a leaf with the nodes below the root of `components`.
    pub fn restore_components(&mut self, id: NodeId, components: &Outline) {
        let place = |(_, node): (NodeId, &Node)| ComponentPlace {
            depth: node.depth,
            kind: node.kind,
            component: Component::up(&node.name),
        };
        let places: Vec<_> = components.iter().skip(1).map(place).collect();
        self.replace_components(id, &places);
    }

    /// The components to show below that node: those that are reported, and those that stay.
    fn fitted(
        &self,
        at: Option<NodeId>,
        components: Vec<Component>,
        stay: &mut Stay,
    ) -> Vec<Component> {
        let children = at.map_or(&[][..], |at| &self.outline.node(at).children);
        let mut known = self.children_by_name(at);
        let mut fitted = Vec::new();
        for component in components {
            let here = known.remove(&*component.name);
            if component.quiet && !here.is_some_and(|here| self.is_in_trouble(here)) {
                continue;
            }
            let is_group = component.is_group();
            let members = self.fitted(here, component.members, stay);
            // A tree without members would be down, but this one only has none to show.
            if is_group && members.is_empty() {
                continue;
            }
            fitted.push(Component {
                members,
                ..component
            });
        }
        for child in children {
            if !known.contains_key(&*self.outline.node(*child).name) {
                continue;
            }
            let size = self.outline.subtree(*child).len();
            match stay {
                Stay::Recovered(room) if size <= *room && self.is_in_trouble(*child) => {
                    *room -= size;
                    fitted.push(self.recovered(*child));
                }
                Stay::Unheard(room) if size <= *room => {
                    *room -= size;
                    fitted.push(self.unheard(*child));
                }
                Stay::Recovered(_) | Stay::Unheard(_) => {}
            }
        }
        fitted
    }

    /// The component for a node that is not reported any more, with its members.
    fn unheard(&self, id: NodeId) -> Component {
        let node = self.outline.node(id);
        let text = "nothing is heard of it: its source tells of too many new names";
        Component {
            name: node.name.clone(),
            cause: Some(Cause::new(CauseCode::Missing, text)),
            members: node
                .children
                .iter()
                .map(|child| self.unheard(*child))
                .collect(),
            ..Component::default()
        }
    }

    /// True while the node, or one below it, is believed not to be up.
    pub fn is_in_trouble(&self, id: NodeId) -> bool {
        let nodes = self.outline.at_and_below(id);
        let mut leaves = nodes.filter(|id| !self.outline.node(*id).is_tree());
        leaves.any(|id| {
            let verdict = self.state(id).judge.verdict();
            !matches!(verdict, Verdict::Unasked | Verdict::At(Level::Up))
        })
    }

    /// A node that is up again; of a group, those members that were not.
    fn recovered(&self, id: NodeId) -> Component {
        let node = self.outline.node(id);
        let members = node.children.iter();
        Component {
            members: members
                .filter(|child| self.is_in_trouble(**child))
                .map(|child| self.recovered(*child))
                .collect(),
            ..Component::up(&node.name)
        }
    }

    fn is_laid_out(&self, id: NodeId, places: &[ComponentPlace]) -> bool {
        let depth = self.outline.node(id).depth;
        self.outline.subtree(id).len() == 1 + places.len()
            && self.outline.below(id).zip(places).all(|(id, place)| {
                let node = self.outline.node(id);
                node.depth == depth + place.depth
                    && node.kind == place.kind
                    && *node.name == *place.component.name
            })
    }

    /// Replaces the components below a leaf. New ones have no state yet.
    fn replace_components(&mut self, id: NodeId, places: &[ComponentPlace]) {
        let positions = places.iter().map(|place| ComponentPosition {
            depth: place.depth,
            kind: place.kind,
            name: &place.component.name,
        });
        let positions: Vec<_> = positions.collect();
        let new = self.outline.replace_components(id, &positions);
        let slots = self.outline.slots();
        self.states.resize_with(slots, NodeState::default);
        self.dirty.resize(slots, false);
        for new in new {
            self.states[new.index()] = NodeState::default();
        }
        self.shape += 1;
        self.touch(id);
        for id in self.outline.below(id) {
            self.dirty[id.index()] = true;
        }
    }
}

/// Appends the places of the components to `places`, in pre-order.
fn lay_out(components: Vec<Component>, depth: u16, places: &mut Vec<ComponentPlace>) {
    for mut component in components {
        let members = std::mem::take(&mut component.members);
        let kind = if members.is_empty() {
            Kind::PART
        } else {
            Kind::TREE
        };
        places.push(ComponentPlace {
            depth,
            kind,
            component,
        });
        lay_out(members, depth + 1, places);
    }
}
