//! The samples of a path's history where they are looked at: blocks are found when they are first needed. Of
//! a year few are, because rollups tell the rest.

use std::cell::RefCell;

use super::PathSpans;
use crate::embedded::blocks::{self, Block, LONGEST};
use crate::embedded::buckets::DAY;
use crate::embedded::ordered::OrderedRows;
use crate::embedded::recent::SampleRow;

/// Microseconds. What is looked at next mostly lies within a day.
const AHEAD: i64 = DAY * 1_000;

/// The blocks that were found last.
#[derive(Default)]
pub(super) struct NearbyBlocks {
    /// All that may hold something between these times, in microseconds.
    span: (i64, i64),
    blocks: Vec<Block>,
}

impl PathSpans<'_> {
    /// The samples of a part of the time.
    pub(super) fn part(&self, from: i64, to: i64) -> rusqlite::Result<OrderedRows<'_>> {
        let part = self.rows.part(from, to);
        let Some(nearby) = &self.nearby else {
            return Ok(part);
        };
        let (from, to) = (from.max(self.span.0), to.min(self.span.1));
        if from >= to {
            return Ok(part);
        }
        self.look_at(nearby, (from, to))?;
        let nearby = nearby.borrow();
        let begin = (nearby.blocks).partition_point(|block| block.first < from - LONGEST);
        let end = nearby.blocks.partition_point(|block| block.first < to);
        let blocks = nearby.blocks.get(begin..end).unwrap_or_default();
        Ok(part.with_blocks(blocks.to_vec()))
    }

    fn look_at(
        &self,
        nearby: &RefCell<NearbyBlocks>,
        (from, to): (i64, i64),
    ) -> rusqlite::Result<()> {
        let known = nearby.borrow().span;
        if known.0 <= from && to <= known.1 {
            return Ok(());
        }
        let span = (from, to.max(from.saturating_add(AHEAD)).min(self.span.1));
        let blocks = blocks::within(self.connection, span.0, span.1)?;
        *nearby.borrow_mut() = NearbyBlocks { span, blocks };
        Ok(())
    }

    /// The dates of the first and the last sample of a span, in microseconds; the first is after the last if
    /// there is none. They are found from both ends, so that what lies between is not read.
    pub(in super::super) fn ends(&self, from: i64, to: i64) -> rusqlite::Result<(i64, i64)> {
        const NONE: (i64, i64) = (i64::MAX, i64::MIN);
        let of = |from: i64, to: i64| self.part(from, to)?.ends(self.connection, from);
        let extent = |from: i64, to: i64| -> rusqlite::Result<Option<(i64, i64)>> {
            let blocks = blocks::extent(self.connection, from, to)?;
            let recent = self.rows.recent_extent(from, to);
            let both = blocks.into_iter().chain(recent);
            Ok(both.reduce(|all, some| (all.0.min(some.0), all.1.max(some.1))))
        };
        let (mut first, mut at) = (None, from);
        while let Some((begin, _)) = extent(at, to)?.filter(|_| at < to) {
            let begin = begin.max(at);
            at = begin.saturating_add(AHEAD).min(to);
            let found = of(begin, at)?;
            if found != NONE {
                first = Some(found.0);
                break;
            }
        }
        let Some(first) = first else {
            return Ok(NONE);
        };
        let mut at = to;
        while let Some((_, end)) = extent(first, at)?.filter(|_| at > first) {
            let end = at.min(end.saturating_add(1));
            at = end.saturating_sub(AHEAD).max(first);
            let found = of(at, end)?;
            if found != NONE {
                return Ok((first, found.1));
            }
        }
        Ok((first, first))
    }

    /// Hands out all samples of a span, in microseconds, oldest first. Returns how many runs were damaged,
    /// whose rows are missing.
    pub(in super::super) fn read(
        &self,
        (from, to): (i64, i64),
        take: impl FnMut(&SampleRow),
    ) -> rusqlite::Result<u64> {
        self.part(from, to)?.read(self.connection, take)
    }
}
