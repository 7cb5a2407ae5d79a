//! The configured tree's shape: nodes in pre-order, so that parents come before their children
//! and a subtree is one range. It holds no answers; those are the world's.

use std::ops::Range;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::fold::Policy;
use crate::judge::Rules;
use crate::path;

/// Where a node stands in its outline. Valid for that outline only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    /// The root of every outline.
    pub const ROOT: Self = Self(0);

    /// The node of that index in some outline.
    pub(crate) const fn at(index: usize) -> Self {
        Self(index as u32)
    }

    /// As an index into anything kept a node each.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The type of a source: `type` in up.toml.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind(pub &'static str);

impl Kind {
    /// A tree: a source whose status is folded from its children's.
    pub const TREE: Self = Self("tree");

    /// A component that a source reports, such as one of a status page. It is checked together with
    /// its source.
    pub const PART: Self = Self("part");
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

/// All nodes, in pre-order; the root is first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    nodes: Vec<Node>,
}

impl Outline {
    /// Adds a node below `parent`, which must be the last subtree under construction (pre-order).
    /// The first node pushed is the root and has no parent.
    pub fn push(&mut self, parent: Option<NodeId>, mut node: Node) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        let above = parent.map(|p| &self.nodes[p.index()]);
        node.path = path::join(above.map_or("", |p| &p.path), &node.name).into();
        node.depth = above.map_or(0, |p| p.depth + 1);
        node.parent = parent;
        if let Some(parent) = parent {
            self.nodes[parent.index()].children.push(id);
        }
        self.nodes.push(node);
        id
    }

    /// How many nodes there are, trees included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True of the outline before its root was pushed.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The node of that id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// Every id, parents before children.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..self.nodes.len() as u32).map(NodeId)
    }

    /// Every node with its id, parents before children.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (NodeId, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(i, node)| (NodeId(i as u32), node))
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

    /// The ids of a node and all below it: one range, because of the order.
    pub fn subtree(&self, id: NodeId) -> Range<usize> {
        let depth = self.node(id).depth;
        let rest = &self.nodes[id.index() + 1..];
        let below = rest.iter().take_while(|node| node.depth > depth).count();
        id.index()..id.index() + 1 + below
    }

    /// Everything below a node, in order.
    pub fn below(&self, id: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        let below = self.subtree(id);
        (below.start + 1..below.end).map(NodeId::at)
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
