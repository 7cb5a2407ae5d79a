//! The shape of the tree: its nodes, each under a stable key, and their order. In this order,
//! parents come before their children, and a subtree is one range. The outline has no samples; they
//! are in the world.

mod change;
mod key;

use std::ops::Range;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::fold::Policy;
use crate::judge::Rules;
use crate::path;

pub(crate) use change::ComponentPosition;
pub use key::NodeId;

/// The position of a slot without a node.
const NOWHERE: u32 = u32::MAX;

/// The type of a source: `type` in up.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind(pub &'static str);

impl Kind {
    /// A tree: a source whose status is folded from its children's.
    pub const TREE: Self = Self("tree");

    /// A component that a source reports, such as one of a status page. It is checked together with
    /// its source.
    pub const PART: Self = Self("part");

    /// A source that reads what other agents wrote to a MongoDB. What it reports is there already.
    pub const FLEET: Self = Self("mongo");
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// One node: a leaf that is checked, or a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The node's name. It never contains `/`.
    pub name: Box<str>,
    /// The node's path, such as `/Root/Child/Leaf`.
    pub path: Arc<str>,
    /// The node's `type` in up.toml.
    pub kind: Kind,
    /// The tree that the node belongs to; `None` for the root.
    pub parent: Option<NodeId>,
    /// The node's children, in the order of the configuration; none for a leaf.
    pub children: Vec<NodeId>,
    /// The number of trees above the node.
    pub depth: u16,
    /// The weight in the tree's mean, 1 by default.
    pub weight: f64,
    /// For a tree: how its status is folded from its children's.
    pub policy: Policy,
    /// For a tree: true to check its children all at once, false for one after the other.
    pub parallel: bool,
    /// How the node's samples are judged.
    pub rules: Rules,
    /// False while the name is a stand-in, until the source reports its own name.
    pub named: bool,
    /// The nodes that this node and all below it depend on. While one of them is down, this node
    /// cannot be reached.
    pub depends_on: Vec<NodeId>,
}

impl Node {
    /// A node with the defaults of its kind; [`Outline::push`] sets its place.
    pub fn new(kind: Kind, name: &str) -> Self {
        Self {
            name: name.into(),
            path: Arc::from(""),
            kind,
            parent: None,
            children: Vec::new(),
            depth: 0,
            weight: 1.0,
            policy: Policy::Mean,
            parallel: true,
            rules: Rules::default(),
            named: true,
            depends_on: Vec::new(),
        }
    }

    /// True of a tree, even one without children.
    pub fn is_tree(&self) -> bool {
        self.kind == Kind::TREE
    }

    /// True of a source that is checked itself.
    pub fn is_asked(&self) -> bool {
        !self.is_tree() && self.kind != Kind::PART
    }

    /// True of a source that is checked, and of a component that a source reports.
    pub fn is_leaf(&self) -> bool {
        !self.is_tree()
    }
}

/// All nodes and their pre-order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// The nodes by slot. The entry of a free slot means nothing.
    nodes: Vec<Node>,
    /// The position of each slot's node in `order`.
    positions: Vec<u32>,
    /// Every key, parents before children. It is shared, so that it can be iterated over while the
    /// nodes change.
    order: Arc<Vec<NodeId>>,
    /// The slots without a node. The last one is taken next.
    free: Vec<u32>,
    /// The number of changes of the outline so far. It makes each new key unlike all earlier ones.
    generation: u32,
}

impl Outline {
    /// Adds a node below `parent`, which must be the last subtree under construction (pre-order).
    /// The first node pushed is the root and has no parent.
    pub fn push(&mut self, parent: Option<NodeId>, node: Node) -> NodeId {
        let id = self.new_key();
        self.put(id, parent, node);
        Arc::make_mut(&mut self.order).push(id);
        self.number(self.len() - 1);
        id
    }

    /// Creates a key that no node has had.
    fn new_key(&mut self) -> NodeId {
        let slot = self.free.pop().unwrap_or(self.nodes.len() as u32);
        NodeId::new(slot, self.generation)
    }

    /// Puts a node under its key, as the last child of its parent. The caller adds the key to the
    /// order.
    fn put(&mut self, id: NodeId, parent: Option<NodeId>, mut node: Node) {
        let above = parent.map(|parent| &self.nodes[parent.index()]);
        node.path = path::join(above.map_or("", |above| &above.path), &node.name).into();
        node.depth = above.map_or(0, |above| above.depth + 1);
        node.parent = parent;
        if let Some(parent) = parent {
            self.nodes[parent.index()].children.push(id);
        }
        if id.index() == self.nodes.len() {
            self.nodes.push(node);
            self.positions.push(NOWHERE);
        } else {
            self.nodes[id.index()] = node;
        }
    }

    /// Updates the positions of the nodes from that one in the order on.
    fn number(&mut self, first: usize) {
        for (position, id) in self.order.iter().enumerate().skip(first) {
            self.positions[id.index()] = position as u32;
        }
    }

    /// How many nodes there are, trees included.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// The number of slots. The index of every key is below it.
    pub fn slots(&self) -> usize {
        self.nodes.len()
    }

    /// True of the outline before its root was pushed.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The root. An outline that is not empty has one.
    pub fn root(&self) -> NodeId {
        self.order[0]
    }

    /// True while the outline has a node of that key.
    pub fn has(&self, id: NodeId) -> bool {
        let position = self.positions.get(id.index());
        position.is_some_and(|position| self.order.get(*position as usize) == Some(&id))
    }

    /// The node of that key.
    pub fn node(&self, id: NodeId) -> &Node {
        debug_assert!(self.has(id), "{id:?} is gone");
        &self.nodes[id.index()]
    }

    /// The position of a node in the order; 0 for the root.
    pub fn position(&self, id: NodeId) -> usize {
        debug_assert!(self.has(id), "{id:?} is gone");
        self.positions[id.index()] as usize
    }

    /// Every key, parents before children.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        self.keys(0..self.len())
    }

    /// Every node with its key, parents before children.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (NodeId, &Node)> {
        self.order.iter().map(|id| (*id, self.node(*id)))
    }

    /// Lets a node depend on others of this outline.
    pub fn depend(&mut self, id: NodeId, on: Vec<NodeId>) {
        self.nodes[id.index()].depends_on = on;
    }

    /// The node of that path. Linear: meant for a person's request, not for each sample.
    pub fn find(&self, path: &str) -> Option<NodeId> {
        self.iter()
            .find(|(_, node)| &*node.path == path)
            .map(|(id, _)| id)
    }

    /// The positions of a node and of all below it.
    pub fn subtree(&self, id: NodeId) -> Range<usize> {
        let (first, depth) = (self.position(id), self.node(id).depth);
        let rest = self.order[first + 1..].iter();
        let below = rest.take_while(|id| self.node(**id).depth > depth).count();
        first..first + 1 + below
    }

    /// A node and everything below it, in order.
    pub fn at_and_below(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        self.keys(self.subtree(id))
    }

    /// Everything below a node, in order.
    pub fn below(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        let subtree = self.subtree(id);
        self.keys(subtree.start + 1..subtree.end)
    }

    fn keys(&self, positions: Range<usize>) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        let order = Arc::clone(&self.order);
        positions.map(move |position| order[position])
    }

    /// The name that a leaf without one of its own would have by this word of its source. `None` when
    /// that changes nothing: it is named, has that name, or a sibling has.
    pub fn new_name(&self, id: NodeId, name: &str) -> Option<String> {
        let node = self.node(id);
        let name = path::tame_name(name)?;
        if node.named || !node.children.is_empty() || *node.name == *name {
            return None;
        }
        let siblings = node
            .parent
            .map_or(&[][..], |parent| &self.node(parent).children);
        let mut siblings = siblings.iter();
        let taken = siblings.any(|sibling| *self.node(*sibling).name == *name);
        (!taken).then_some(name)
    }

    /// Gives a leaf without a name of its own the one that its source says. False when that changes
    /// nothing.
    pub fn rename(&mut self, id: NodeId, name: &str) -> bool {
        let Some(name) = self.new_name(id, name) else {
            return false;
        };
        let above = self.node(id).parent.map(|parent| self.node(parent));
        let path = path::join(above.map_or("", |parent| &parent.path), &name).into();
        let node = &mut self.nodes[id.index()];
        (node.name, node.path) = (name.into(), path);
        true
    }
}
