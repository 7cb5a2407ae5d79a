//! One path's samples of a span in the order of their dates, from all places where they lie. Late
//! samples make blocks overlap; only what overlaps is held at a time.

use rusqlite::Connection;

use super::blocks::{self, Block};
use super::recent::{self, SampleRow};

/// Where the rows of a path lie, before they are read.
pub(super) struct OrderedRows {
    path: i64,
    from: i64,
    to: i64,
    /// By the time that each begins.
    blocks: Vec<Block>,
    /// By date.
    recent: Vec<SampleRow>,
}

impl OrderedRows {
    /// Those from `from` up to, but without, `to`.
    pub(super) fn find(
        connection: &Connection,
        path: i64,
        from: i64,
        to: i64,
    ) -> rusqlite::Result<Self> {
        let mut recent = recent::of_path(connection, path)?;
        recent.retain(|row| (from..to).contains(&row.at));
        recent.sort_by_key(|row| row.at);
        let mut blocks = blocks::within(connection, from, to)?;
        blocks.sort_by_key(|block| block.first);
        Ok(Self {
            path,
            from,
            to,
            blocks,
            recent,
        })
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

    /// Hands out all rows, oldest first. Rows of one date come in the order in which they were kept.
    pub(super) fn read(
        self,
        connection: &Connection,
        mut take: impl FnMut(&SampleRow),
    ) -> rusqlite::Result<()> {
        let mut recent = self.recent.into_iter().peekable();
        let mut held: Vec<SampleRow> = Vec::new();
        let mut hand_out = |held: &mut Vec<SampleRow>, before: i64| {
            while let Some(row) = recent.next_if(|row| row.at < before) {
                held.push(row);
            }
            held.sort_by_key(|row| row.at);
            let end = held.partition_point(|row| row.at < before);
            held.drain(..end).for_each(|row| take(&row));
        };
        for block in &self.blocks {
            // Nothing that is still to be read is older than this.
            hand_out(&mut held, block.first);
            blocks::read(connection, block, self.path, |row| {
                if (self.from..self.to).contains(&row.at) {
                    held.push(row);
                }
            })?;
        }
        hand_out(&mut held, i64::MAX);
        Ok(())
    }
}
