//! The key of a node. It lives as long as the node is watched: other nodes may be added, removed and
//! moved around it, and a reload gives an unchanged source the key that it had. Everything that is
//! stored for a node is stored under its key, and is dropped when the node is gone
//! ([`Outline::has`](super::Outline::has)).
//!
//! A key consists of a slot of the outline and a generation. A slot is reused when its node is gone.
//! It makes the key a dense index. The generation is that of the outline when the node was added: a
//! node that is removed and comes back has another key. The keys of the `slotmap` crate are made
//! alike, but only its map can create them, and the outline of a new configuration is built before
//! it is known which of its nodes have keys already. Interned paths are no alternative, because a
//! source that reports its own name changes its path.

/// The key of a node. The order of keys is only good for sorting. It is not the order of the tree:
/// see [`Outline::position`](super::Outline::position).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    slot: u32,
    generation: u32,
}

impl NodeId {
    /// A key that no node has. It stands for a node that is no longer watched.
    pub const GONE: Self = Self {
        slot: u32::MAX,
        generation: u32::MAX,
    };

    pub(super) const fn new(slot: u32, generation: u32) -> Self {
        Self { slot, generation }
    }

    /// The key of that slot in a new outline.
    #[cfg(test)]
    pub(crate) const fn at(slot: usize) -> Self {
        Self::new(slot as u32, 0)
    }

    /// The slot, as an index into anything that has one entry for each node. It is below
    /// [`Outline::slots`](super::Outline::slots).
    pub const fn index(self) -> usize {
        self.slot as usize
    }
}
