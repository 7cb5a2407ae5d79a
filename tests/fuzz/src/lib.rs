//! Fuzz targets: one for each parser of foreign input (of a peer, a plugin, a disk, a person). None
//! may panic, hang, or take more memory than in proportion to its input.
//!
//! - `targets`: the table of targets, with seeds in the documented formats
//! - `bounds`: the time and memory that an input may take
//! - `mutate`: makes the inputs of the smoke test from the seeds
//! - `smoke`: a short, deterministic run; `guided`, a binary, is the long run under libFuzzer

pub mod bounds;
mod grown;
mod mutate;
pub mod smoke;
mod sound;
mod targets;

pub use grown::Grown;
pub use targets::{all, find};

/// One parser, and its inputs and bounds.
#[derive(Clone, Copy, Debug)]
pub struct FuzzTarget {
    /// The name on the command line.
    pub name: &'static str,
    /// Runs the parser on an input. Panics if something is wrong.
    pub run: fn(&[u8]),
    /// Inputs in the documented formats.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words that inputs are made of.
    pub words: &'static [&'static str],
    /// Inputs that can be grown as long as the parser reads.
    pub grown: &'static [Grown],
    /// The largest input in bytes.
    pub largest: usize,
    /// The memory in bytes that any input may take.
    pub spare: usize,
    /// The memory in bytes that each byte of input may take in addition.
    pub factor: usize,
    /// The largest memory in bytes in any case.
    pub ceiling: usize,
}

impl FuzzTarget {
    /// A target with the usual bounds, which the table of targets may change.
    const fn new(name: &'static str, run: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Self {
        Self {
            name,
            run,
            seeds,
            words: &[],
            grown: &[],
            largest: 64 << 10,
            spare: 256 << 10,
            factor: 64,
            ceiling: usize::MAX,
        }
    }

    /// The seeds, and the grown inputs of at most `most` bytes.
    pub fn inputs(&self, most: usize) -> Vec<Vec<u8>> {
        let mut inputs = (self.seeds)();
        inputs.push(Vec::new());
        let size = most.min(self.largest);
        inputs.extend(self.grown.iter().map(|shape| shape.to(size)));
        inputs
    }
}
