//! Fuzz targets: one for each parser that eats what others wrote (a peer, a plugin, a disk, a
//! person). None may panic, hang, or take more memory than in proportion to what it is given.
//!
//! - `targets`: what there is, with seeds in the documented shapes
//! - `bounds`: how much time and memory an input may cost
//! - `mutate`: the inputs of the smoke test, made from the seeds
//! - `smoke`: a short, deterministic run; `guided`, a binary, is the long one, driven by libFuzzer

pub mod bounds;
mod grown;
mod mutate;
pub mod smoke;
mod sound;
mod targets;

pub use grown::Grown;
pub use targets::{all, find};

/// One parser, and what to try it with.
#[derive(Clone, Copy, Debug)]
pub struct FuzzTarget {
    /// What it is called on the command line.
    pub name: &'static str,
    /// Gives it an input; panics where something is wrong.
    pub run: fn(&[u8]),
    /// Inputs in the documented shapes.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Words that its inputs are made of.
    pub words: &'static [&'static str],
    /// Shapes that can be made as long as the parser reads.
    pub grown: &'static [Grown],
    /// The most bytes that it is ever given.
    pub largest: usize,
    /// The most memory that it may take whatever the input, in bytes.
    pub spare: usize,
    /// The most memory that it may take for each byte of input, in bytes.
    pub factor: usize,
    /// The most memory that it may take at all, in bytes.
    pub ceiling: usize,
}

impl FuzzTarget {
    /// One with the bounds of most; the table of targets says the rest.
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

    /// The seeds, and the shapes grown to `most` bytes at the most.
    pub fn inputs(&self, most: usize) -> Vec<Vec<u8>> {
        let mut inputs = (self.seeds)();
        inputs.push(Vec::new());
        let size = most.min(self.largest);
        inputs.extend(self.grown.iter().map(|shape| shape.to(size)));
        inputs
    }
}
