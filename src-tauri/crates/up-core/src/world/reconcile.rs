//! Grafting: what a source tells of its parts grows below its node, and is fitted anew when the
//! parts are others. Everything else keeps its key, what is known of it, and its order.

use std::collections::HashMap;

use super::names::{PART_NAMES, SourceNames};
use super::{NodeState, World};
use crate::cause::{Cause, CauseCode};
use crate::component::{Component, MAX_TWIGS, Twigs};
use crate::judge::Verdict;
use crate::outline::{Kind, Node, NodeId, Outline, PartPlace};
use crate::sample::Timestamp;
use crate::status::Level;

/// What a graft did.
#[derive(Clone, Debug, PartialEq)]
pub struct Graft {
    /// True when the outline changed: components were added or removed.
    pub changed: bool,
    /// What is told of each leaf below, in the outline's order.
    pub told: Vec<(NodeId, Component)>,
    /// How many parts were not taken up, since their source tells of too many new ones
    /// ([`PART_NAMES`]); those in a group that was not are not counted.
    pub refused: usize,
}

/// What becomes of a part that is not told of any more: nothing, or while there is room for so many
/// it stays.
enum Stay {
    /// One in trouble, as up again: its source tells only of parts with trouble.
    Recovered(usize),
    /// All, as unknown.
    Unheard(usize),
}

/// How many there are, groups and their members.
fn count(twigs: &[Component]) -> usize {
    twigs.iter().map(|twig| 1 + count(&twig.twigs)).sum()
}

/// A twig where it is to stand: how deep below the graft, and a leaf's own news.
struct ComponentPlace {
    depth: u16,
    kind: Kind,
    twig: Component,
}

impl World {
    /// Makes what stands below a leaf these twigs, told at that time. What stood there already keeps
    /// what is known of it; what is not told of any more goes away. Of new ones no more are taken
    /// up than there may be; while there are more, what stood there stays, since it may be the
    /// same under another name.
    pub fn graft(&mut self, id: NodeId, twigs: Twigs, now: Timestamp) -> Graft {
        let (list, others_up) = twigs.into_parts();
        let names = self.states[id.index()].part_names.take();
        let mut names = names.unwrap_or_else(|| Box::new(SourceNames::new(PART_NAMES)));
        let mut refused = 0;
        let mut admit = |path: &str| {
            let admitted = names.admit(path, now);
            refused += usize::from(!admitted);
            admitted
        };
        let list = self.admitted(Some(id), "", list, &mut admit);
        self.states[id.index()].part_names = Some(names);
        let mut stay = match (others_up, refused) {
            (true, _) => Stay::Recovered(MAX_TWIGS),
            (false, 0) => Stay::Recovered(0),
            (false, _) => Stay::Unheard(MAX_TWIGS.saturating_sub(count(&list))),
        };
        let fitted = self.fitted(Some(id), list, &mut stay);
        let mut places = Vec::new();
        lay_out(fitted, 1, &mut places);
        let changed = !self.is_laid_out(id, &places);
        if changed {
            self.replace_parts(id, &places);
        }
        let told = self.outline.below(id).zip(places);
        let told = told.filter(|(_, place)| place.kind != Kind::TREE);
        Graft {
            changed,
            told: told.map(|(id, place)| (id, place.twig)).collect(),
            refused,
        }
    }

    /// Those of these twigs that stand below that node by now, and those that `admit` lets in by
    /// their path below the graft.
    fn admitted(
        &self,
        at: Option<NodeId>,
        above: &str,
        twigs: Vec<Component>,
        admit: &mut dyn FnMut(&str) -> bool,
    ) -> Vec<Component> {
        let known = self.children_by_name(at);
        let mut admitted = Vec::new();
        for twig in twigs {
            let here = known.get(&*twig.name).copied();
            // A new one that is quiet is not shown.
            if here.is_none() && twig.quiet {
                continue;
            }
            let path = crate::path::join(above, &twig.name);
            if here.is_none() && !admit(&path) {
                continue;
            }
            let is_group = twig.is_group();
            let members = self.admitted(here, &path, twig.twigs, admit);
            if is_group && members.is_empty() {
                continue;
            }
            admitted.push(Component {
                twigs: members,
                ..twig
            });
        }
        admitted
    }

    fn children_by_name(&self, at: Option<NodeId>) -> HashMap<&str, NodeId> {
        let children = at.map_or(&[][..], |at| &self.outline.node(at).children);
        let named = |child: &NodeId| (&*self.outline.node(*child).name, *child);
        children.iter().map(named).collect()
    }

    /// Replaces the components below a leaf with the nodes below the root of `parts`.
    pub fn restore_parts(&mut self, id: NodeId, parts: &Outline) {
        let place = |(_, node): (NodeId, &Node)| ComponentPlace {
            depth: node.depth,
            kind: node.kind,
            twig: Component::up(&node.name),
        };
        let places: Vec<_> = parts.iter().skip(1).map(place).collect();
        self.replace_parts(id, &places);
    }

    /// What of these is to be shown below that node, with what is not told of any more and stays.
    fn fitted(&self, at: Option<NodeId>, twigs: Vec<Component>, stay: &mut Stay) -> Vec<Component> {
        let children = at.map_or(&[][..], |at| &self.outline.node(at).children);
        let mut known = self.children_by_name(at);
        let mut fitted = Vec::new();
        for twig in twigs {
            let here = known.remove(&*twig.name);
            if twig.quiet && !here.is_some_and(|here| self.is_in_trouble(here)) {
                continue;
            }
            let is_group = twig.is_group();
            let members = self.fitted(here, twig.twigs, stay);
            // A tree without members would be down, and this one only has none to show.
            if is_group && members.is_empty() {
                continue;
            }
            fitted.push(Component {
                twigs: members,
                ..twig
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

    /// A node of which nothing is heard any more, with all below it.
    fn unheard(&self, id: NodeId) -> Component {
        let node = self.outline.node(id);
        let text = "nothing is heard of it: its source tells of too many new names";
        Component {
            name: node.name.clone(),
            cause: Some(Cause::new(CauseCode::Missing, text)),
            twigs: node
                .children
                .iter()
                .map(|child| self.unheard(*child))
                .collect(),
            ..Component::default()
        }
    }

    /// True while it, or something below it, is believed not to be up.
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
            twigs: members
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
                    && *node.name == *place.twig.name
            })
    }

    /// Replaces the components below a leaf. New ones have no state yet.
    fn replace_parts(&mut self, id: NodeId, places: &[ComponentPlace]) {
        let parts = places.iter().map(|place| PartPlace {
            depth: place.depth,
            kind: place.kind,
            name: &place.twig.name,
        });
        let parts: Vec<_> = parts.collect();
        let new = self.outline.replace_parts(id, &parts);
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

/// The twigs in pre-order.
fn lay_out(twigs: Vec<Component>, depth: u16, places: &mut Vec<ComponentPlace>) {
    for mut twig in twigs {
        let members = std::mem::take(&mut twig.twigs);
        let kind = if members.is_empty() {
            Kind::PART
        } else {
            Kind::TREE
        };
        places.push(ComponentPlace { depth, kind, twig });
        lay_out(members, depth + 1, places);
    }
}
