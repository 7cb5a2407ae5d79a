//! The key `type` of a source.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use up_core::Kind;
use up_source::KINDS;

use super::Planner;
use crate::suggest;

impl<'t> Planner<'_, 't> {
    /// Removes `type` from the keys of a source, and checks it.
    pub(super) fn kind(
        &mut self,
        keys: &mut DeTable<'t>,
        span: &Range<usize>,
    ) -> Option<&'static str> {
        let mut kinds = KINDS.to_vec();
        kinds.push(Kind::TREE.0);
        let Some(value) = keys.remove("type") else {
            self.report.error(
                span.clone(),
                "this source has no `type`",
                Some(format!("add type = \"…\": {}", suggest::list(&kinds, "or"))),
            );
            return None;
        };
        let DeValue::String(text) = value.get_ref() else {
            let message = "the `type` of a source must be a string";
            let help = Some(format!("write {}", suggest::list(&kinds, "or")));
            self.report.error(value.span(), message, help);
            return None;
        };
        let known = kinds.iter().find(|kind| *kind == text).copied();
        if known.is_none() {
            let message = format!("there is no source of type {text:?}");
            let help = suggest::one_of(text, &kinds);
            self.report.error(value.span(), message, Some(help));
        }
        known
    }
}
