//! Where a source is planned: its tree, and what it has from there.

use std::sync::Arc;

use up_core::NodeId;

use crate::labels::{Opener, SourceLabels};
use crate::names::SiblingNames;
use crate::settings::Inherited;

/// The position of a source in the tree.
pub(super) struct SourcePosition<'n> {
    pub(super) parent: Option<NodeId>,
    /// The number of `source` keys that lead to it.
    pub(super) level: usize,
    pub(super) names: &'n mut SiblingNames,
    pub(super) inherited: Inherited,
    /// What its own key `open` says.
    pub(super) open: Option<Opener>,
}

impl SourcePosition<'_> {
    /// What people find the source by, and what the panel opens for it.
    pub(super) fn labels(&self) -> SourceLabels {
        SourceLabels {
            tags: Arc::clone(&self.inherited.tags),
            open: self.open.clone(),
        }
    }
}
