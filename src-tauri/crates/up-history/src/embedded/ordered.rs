//! One path's samples of a span in the order of their dates, from all places where they lie. Late
//! samples make blocks overlap; only what overlaps is held at a time.

use std::borrow::Cow;

use rusqlite::Connection;

use super::blocks::{self, Block};
use super::recent::{self, SampleRow};

/// Where the rows of a path lie, before they are read.
pub(super) struct OrderedRows<'r> {
    path: i64,
    from: i64,
    to: i64,
    /// By the time that each begins.
    blocks: Cow<'r, [Block]>,
    /// By date.
    recent: Cow<'r, [SampleRow]>,
}

impl OrderedRows<'static> {
    /// Those of a span that are recent.
    pub(super) fn recent_of(
        connection: &Connection,
        path: i64,
        (from, to): (i64, i64),
    ) -> rusqlite::Result<Self> {
        let mut recent = recent::of_path(connection, path)?;
        recent.retain(|row| (from..to).contains(&row.at));
        recent.sort_by_key(|row| row.at);
        Ok(Self {
            path,
            from,
            to,
            blocks: Cow::Borrowed(&[]),
            recent: recent.into(),
        })
    }
}

impl<'r> OrderedRows<'r> {
    /// The same with those that lie in these blocks, which are sorted by when they begin.
    pub(super) fn with_blocks(self, blocks: Vec<Block>) -> Self {
        Self {
            blocks: blocks.into(),
            ..self
        }
    }

    /// Those that lie in these blocks, without what is recent.
    pub(super) fn folded(path: i64, from: i64, to: i64, blocks: &'r [Block]) -> Self {
        Self {
            path,
            from,
            to,
            blocks: blocks.into(),
            recent: Cow::Borrowed(&[]),
        }
    }

    /// Those of a span, in these blocks and of these recent ones, which are sorted by date.
    pub(super) fn given(
        path: i64,
        (from, to): (i64, i64),
        blocks: &'r [Block],
        recent: &'r [SampleRow],
    ) -> Self {
        Self {
            path,
            from,
            to,
            blocks: blocks.into(),
            recent: recent.into(),
        }
    }

    /// Those of a part of the span.
    pub(super) fn part(&self, from: i64, to: i64) -> OrderedRows<'_> {
        // Blocks are short: none that begins a day before the part reaches into it.
        let (from, to) = (from.max(self.from), to.min(self.to));
        let begin = self
            .blocks
            .partition_point(|block| block.first < from - blocks::LONGEST);
        let end = self
            .blocks
            .partition_point(|block| block.first < to)
            .max(begin);
        OrderedRows {
            path: self.path,
            from,
            to,
            blocks: self.blocks[begin..end].into(),
            recent: self.recent_between(from, to).into(),
        }
    }

    fn recent_between(&self, from: i64, to: i64) -> &[SampleRow] {
        let begin = self.recent.partition_point(|row| row.at < from);
        let end = self.recent.partition_point(|row| row.at < to).max(begin);
        &self.recent[begin..end]
    }

    /// The dates of the first and the last one of a part of the span that are recent.
    pub(super) fn recent_extent(&self, from: i64, to: i64) -> Option<(i64, i64)> {
        let recent = self.recent_between(from, to);
        Some((recent.first()?.at, recent.last()?.at))
    }

    /// True when some of a part of the span are recent.
    pub(super) fn has_recent(&self, from: i64, to: i64) -> bool {
        !self.recent_between(from, to).is_empty()
    }

    /// The date of the first one from this time on that is recent.
    pub(super) fn next_recent(&self, from: i64) -> Option<i64> {
        let begin = self.recent.partition_point(|row| row.at < from);
        self.recent.get(begin).map(|row| row.at)
    }

    /// Hands out those of a part of the span that are recent, oldest first.
    pub(super) fn recent(&self, from: i64, to: i64, take: impl FnMut(&SampleRow)) {
        self.recent_between(from, to).iter().for_each(take);
    }

    /// The times between which all of them lie that are not before this time.
    pub(super) fn extent(&self, from: i64) -> (i64, i64) {
        let ends = self.recent.iter().map(|row| (row.at, row.at));
        let ends = ends.chain(self.blocks.iter().map(|block| (block.first, block.last)));
        let ends = ends.filter(|(_, last)| *last >= from);
        ends.fold((i64::MAX, i64::MIN), |(first, last), end| {
            (first.min(end.0), last.max(end.1))
        })
    }

    /// The dates of the path's first and last row that are not before this time. They are found from
    /// both ends, so that what lies between is not read.
    pub(super) fn ends(&self, connection: &Connection, from: i64) -> rusqlite::Result<(i64, i64)> {
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let from = self.from.max(from);
        for row in self.recent_between(from, self.to) {
            (first, last) = (first.min(row.at), last.max(row.at));
        }
        let dates = |block: &Block| -> rusqlite::Result<(i64, i64)> {
            let mut ends = (i64::MAX, i64::MIN);
            blocks::read(connection, block, self.path, |row| {
                if (from..self.to).contains(&row.at) {
                    ends = (ends.0.min(row.at), ends.1.max(row.at));
                }
            })?;
            Ok(ends)
        };
        for block in self.blocks.iter() {
            if block.first > first {
                break;
            }
            first = first.min(dates(block)?.0);
        }
        let mut by_end: Vec<&Block> = self.blocks.iter().collect();
        by_end.sort_by_key(|block| std::cmp::Reverse(block.last));
        for block in by_end {
            if block.last < last {
                break;
            }
            last = last.max(dates(block)?.1);
        }
        Ok((first, last))
    }

    /// Hands out all rows, oldest first. Rows of one date come in the order in which they were kept.
    /// Returns how many runs were damaged, whose rows are missing.
    pub(super) fn read(
        &self,
        connection: &Connection,
        mut take: impl FnMut(&SampleRow),
    ) -> rusqlite::Result<u64> {
        let mut damaged = 0;
        let mut recent = self.recent.iter();
        let mut held: Vec<SampleRow> = Vec::new();
        let mut hand_out = |held: &mut Vec<SampleRow>, before: i64| {
            let next = recent.as_slice().partition_point(|row| row.at < before);
            held.extend(recent.by_ref().take(next));
            held.sort_by_key(|row| row.at);
            let end = held.partition_point(|row| row.at < before);
            held.drain(..end).for_each(|row| take(&row));
        };
        for block in self.blocks.iter() {
            if block.last < self.from || block.first >= self.to {
                continue;
            }
            // Nothing that is still to be read is older than this.
            hand_out(&mut held, block.first);
            let is_whole = blocks::read(connection, block, self.path, |row| {
                if (self.from..self.to).contains(&row.at) {
                    held.push(row);
                }
            })?;
            damaged += u64::from(!is_whole);
        }
        hand_out(&mut held, i64::MAX);
        Ok(damaged)
    }
}
