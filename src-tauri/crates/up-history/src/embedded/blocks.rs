//! Where samples stay: in blocks, each of one hour and of what was folded together. What was made at
//! the same time lies together, and within a block each path's samples are one run.

use rusqlite::{Connection, params};

use super::codec::{self, pack, unpack};
use super::recent::SampleRow;
use super::time::hour;

/// Bits of a run's id that are its path's number; the block's number stands above.
const PATH_BITS: u32 = 24;

/// Puts rows into new blocks, one an hour.
pub(super) fn insert(tx: &Connection, rows: &mut [SampleRow]) -> rusqlite::Result<()> {
    // Those of an earlier Up are not rounded yet.
    for row in rows.iter_mut() {
        *row = codec::rounded(*row);
    }
    rows.sort_by_key(|r| (hour(r.at), r.path, r.at));
    let mut block =
        tx.prepare_cached("INSERT INTO blocks(first, last, codec) VALUES(?1, ?2, ?3)")?;
    let mut run = tx.prepare_cached("INSERT INTO runs(id, samples) VALUES(?1, ?2)")?;
    for rows in rows.chunk_by(|a, b| hour(a.at) == hour(b.at)) {
        let times = rows.iter().map(|row| row.at);
        let (first, last) = times.fold((i64::MAX, i64::MIN), |(first, last), at| {
            (first.min(at), last.max(at))
        });
        let block = block.insert([first, last, codec::VERSION])?;
        // In the order of their ids, so that pages are filled to the brim.
        for rows in rows.chunk_by(|a, b| a.path == b.path) {
            run.execute(params![id(block, rows[0].path), pack(rows, first)])?;
        }
    }
    Ok(())
}

fn id(block: i64, path: i64) -> i64 {
    block << PATH_BITS | path
}

/// The first id of a block, and the first after it.
pub(super) fn ids(block: i64) -> (i64, i64) {
    (id(block, 0), id(block + 1, 0))
}

/// No block reaches further, in microseconds: each is of one hour.
pub(super) const LONGEST: i64 = 3_600_000_000;

/// A block and the time that it covers, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    id: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    /// The version by which its runs are packed.
    codec: i64,
}

impl Block {
    /// Its first id, and the first after it.
    pub(super) fn ids(self) -> (i64, i64) {
        ids(self.id)
    }
}

/// The blocks that may hold something of a span, by the time that each begins.
pub(super) fn within(connection: &Connection, from: i64, to: i64) -> rusqlite::Result<Vec<Block>> {
    // In the order of the index; the few that begin together are put in theirs here.
    let mut found: Vec<Block> = connection
        .prepare_cached(
            "SELECT id, first, last, codec FROM blocks WHERE first >= ?1 AND first < ?2
             AND last >= ?3 ORDER BY first",
        )?
        .query_map([from.saturating_sub(LONGEST), to, from], |row| {
            Ok(Block {
                id: row.get(0)?,
                first: row.get(1)?,
                last: row.get(2)?,
                codec: row.get(3)?,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    found.sort_by_key(|block| (block.first, block.id));
    Ok(found)
}

/// Between these times lie all blocks that may hold something of a span; `None` if there are none.
pub(super) fn extent(
    connection: &Connection,
    from: i64,
    to: i64,
) -> rusqlite::Result<Option<(i64, i64)>> {
    let (first, last): (Option<i64>, Option<i64>) = connection
        .prepare_cached(
            "SELECT (SELECT min(first) FROM blocks WHERE first >= ?1 AND first < ?2),
                    (SELECT max(first) FROM blocks WHERE first >= ?1 AND first < ?2)",
        )?
        .query_row([from.saturating_sub(LONGEST), to], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(first.zip(last.map(|last| last.saturating_add(LONGEST))))
}

/// Hands out a path's samples in a block, oldest first. False when they are damaged: then some or all
/// of them are missing, and those of other blocks are not concerned.
pub(super) fn read(
    connection: &Connection,
    block: &Block,
    path: i64,
    take: impl FnMut(SampleRow),
) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached("SELECT samples FROM runs WHERE id = ?1")?;
    let mut rows = select.query([id(block.id, path)])?;
    let Some(row) = rows.next()? else {
        return Ok(true);
    };
    let samples = row.get_ref(0)?.as_blob();
    let unpacked =
        samples.and_then(|samples| unpack(block.codec, samples, block.first, path, take));
    Ok(unpacked.is_ok())
}
