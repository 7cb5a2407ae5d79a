//! Grafting: what a source tells of its parts grows below its node, and is fitted anew when the
//! parts are others. Everything else keeps its place, what is known of it, and its order.

use std::collections::HashMap;

use super::World;
use super::names::{PART_NAMES, SourceNames};
use crate::cause::{Cause, CauseCode};
use crate::component::{Component, MAX_TWIGS, Twigs};
use crate::judge::Verdict;
use crate::outline::{Kind, Node, NodeId, Outline};
use crate::sample::Timestamp;
use crate::status::Level;

/// What a graft did.
#[derive(Clone, Debug, PartialEq)]
pub struct Graft {
    /// Where nodes went; `None` when the shape stayed.
    pub moved: Option<Moved>,
    /// What is told of each leaf below, in the outline's order.
    pub told: Vec<(NodeId, Component)>,
    /// How many parts were not taken up, since their source tells of too many new ones
    /// ([`PART_NAMES`]); those in a group that was not are not counted.
    pub refused: usize,
}

/// Which node of the old outline is which of the new one.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// By the old index; `None` of a node that went away.
    to: Vec<Option<NodeId>>,
}

impl Moved {
    /// What the node was in the old outline is now this one; `None` when it went away.
    pub fn to(&self, old: NodeId) -> Option<NodeId> {
        self.to.get(old.index()).copied().flatten()
    }
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
        let moved = (!self.is_laid_out(id, &places)).then(|| self.regrow(id, &places));
        let first = id.index() + 1;
        let told = (first..).map(NodeId::at).zip(places);
        let told = told.filter(|(_, place)| place.kind != Kind::TREE);
        Graft {
            moved,
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

    /// Grafts what stood below `before` in `old` below `id`, in the same order, so that what is
    /// known of it can be taken over. Says where nodes went.
    pub fn regraft(&mut self, id: NodeId, old: &Self, before: NodeId) -> Moved {
        let depth = old.outline.node(before).depth;
        let place = |index: usize| {
            let node = old.outline.node(NodeId::at(index));
            ComponentPlace {
                depth: node.depth - depth,
                kind: node.kind,
                twig: Component::up(&node.name),
            }
        };
        let below = old.outline.subtree(before).skip(1);
        self.regrow(id, &below.map(place).collect::<Vec<_>>())
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
        let mut leaves = self.outline.subtree(id).filter(|index| {
            let node = self.outline.node(NodeId::at(*index));
            !node.is_tree()
        });
        leaves.any(|index| {
            let verdict = self.states[index].judge.verdict();
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
        let below = self.outline.subtree(id).skip(1);
        below.len() == places.len()
            && below.zip(places).all(|(index, place)| {
                let node = self.outline.node(NodeId::at(index));
                node.depth == depth + place.depth
                    && node.kind == place.kind
                    && *node.name == *place.twig.name
            })
    }

    fn regrow(&mut self, id: NodeId, places: &[ComponentPlace]) -> Moved {
        let mut world = Self::new(regrown(&self.outline, id, places));
        let moved = moved(&self.outline, &world.outline, id);
        let mut was = vec![None; world.outline.len()];
        for (old, new) in moved.to.iter().enumerate() {
            if let Some(new) = new {
                was[new.index()] = Some(NodeId::at(old));
            }
        }
        world.take_over(self, |id| was[id.index()]);
        // Whoever knew the old shape must not take this for news that it has seen.
        world.revision = self.revision + 1;
        world.shape = self.shape + 1;
        *self = world;
        moved
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

/// The outline with these below `id`, in place of what stood there.
fn regrown(old: &Outline, id: NodeId, places: &[ComponentPlace]) -> Outline {
    let end = old.subtree(id).end;
    let mut new = Outline::default();
    let copy = |new: &mut Outline, index: usize| {
        let node = old.node(NodeId::at(index)).clone();
        // A parent stands before the graft, or behind it and has moved with all there.
        let shift = |parent: NodeId| match parent.index().checked_sub(end) {
            None => parent,
            Some(behind) => NodeId::at(id.index() + 1 + places.len() + behind),
        };
        let parent = node.parent.map(shift);
        let depends_on = node.depends_on.iter().copied().map(shift).collect();
        let node = Node {
            children: Vec::new(),
            depends_on,
            ..node
        };
        new.push(parent, node);
    };
    for index in 0..=id.index() {
        copy(&mut new, index);
    }
    let mut above = vec![id];
    for place in places {
        above.truncate(usize::from(place.depth));
        let parent = above.last().copied();
        // What is inherited by a source's parts is inherited from the source.
        let node = Node {
            kind: place.kind,
            name: place.twig.name.clone(),
            children: Vec::new(),
            weight: 1.0,
            policy: crate::fold::Policy::Mean,
            parallel: true,
            named: true,
            depends_on: Vec::new(),
            ..old.node(id).clone()
        };
        above.push(new.push(parent, node));
    }
    for index in end..old.len() {
        copy(&mut new, index);
    }
    new
}

/// What became of each old node: those outside the graft by their place, those in it by their path.
fn moved(old: &Outline, new: &Outline, id: NodeId) -> Moved {
    let (was, is) = (old.subtree(id), new.subtree(id));
    let grafted: HashMap<(&str, Kind), NodeId> = is
        .clone()
        .map(NodeId::at)
        .map(|id| ((&*new.node(id).path, new.node(id).kind), id))
        .collect();
    let to = |index: usize| {
        if index <= id.index() {
            Some(NodeId::at(index))
        } else if index >= was.end {
            Some(NodeId::at(index - was.end + is.end))
        } else {
            let node = old.node(NodeId::at(index));
            grafted.get(&(&*node.path, node.kind)).copied()
        }
    };
    Moved {
        to: (0..old.len()).map(to).collect(),
    }
}
