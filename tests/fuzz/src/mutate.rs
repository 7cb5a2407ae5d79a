//! Mutates inputs at random, but in the same way on each run.

/// Marsaglia's xorshift, which is sufficient and the same on every machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Xorshift(u64);

impl Xorshift {
    /// The generator with that seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`. 0 if `end` is 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 11) as usize % end.max(1)
    }

    /// A random range within `length`, mostly a short one.
    fn part(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 16 };
        let end = start + self.below(most.min(length - start) + 1);
        start..end
    }
}

/// Bytes at which lengths, counts and signs wrap.
const EDGES: [u8; 12] = [
    0, 1, 0x1f, 0x20, 0x2d, 0x7f, 0x80, 0x81, 0x84, 0xc0, 0xfe, 0xff,
];

/// The largest mutated input in bytes. The grown inputs are longer.
const LONGEST: usize = 8 << 10;

/// A copy of one of `inputs`, changed in one to six places.
pub(crate) fn mutated(inputs: &[Vec<u8>], words: &[&str], random: &mut Xorshift) -> Vec<u8> {
    let mut input = inputs[random.below(inputs.len())].clone();
    input.truncate(LONGEST);
    for _ in 0..=random.below(6) {
        change(&mut input, inputs, words, random);
        input.truncate(LONGEST);
    }
    input
}

fn change(input: &mut Vec<u8>, inputs: &[Vec<u8>], words: &[&str], random: &mut Xorshift) {
    let part = random.part(input.len());
    let at = random.below(input.len());
    match random.below(10) {
        0 => drop(input.drain(part)),
        1 => {
            let repeated = input[part.clone()].repeat(1 + random.below(3));
            input.splice(part.end..part.end, repeated);
        }
        2 => {
            // Repeats the part very often, as nesting does.
            let most = LONGEST / part.len().max(1);
            let repeated = input[part.clone()].repeat(random.below(most));
            input.splice(part.end..part.end, repeated);
        }
        3 => {
            let other = &inputs[random.below(inputs.len())];
            let taken = random.part(other.len());
            input.splice(part, other[taken].iter().copied());
        }
        4 | 5 if !words.is_empty() => {
            let word = words[random.below(words.len())];
            input.splice(part, word.bytes());
        }
        6 if !input.is_empty() => input[at] = EDGES[random.below(EDGES.len())],
        7 if !input.is_empty() => input[at] ^= 1 << random.below(8),
        8 if !input.is_empty() => input[at] = random.below(256) as u8,
        9 => input.truncate(part.start),
        _ => input.insert(at, random.below(256) as u8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let inputs = [b"one, two".to_vec(), Vec::new()];
        let some = |seed: u64| {
            let mut random = Xorshift::new(seed);
            let next = |_| mutated(&inputs, &["three"], &mut random);
            (0..200).map(next).collect::<Vec<_>>()
        };
        assert_eq!(some(7), some(7));
        assert_ne!(some(7), some(8));
        let all = some(7);
        assert!(
            all.iter()
                .any(|input| input.windows(5).any(|w| w == b"three"))
        );
        assert!(all.iter().all(|input| input.len() <= LONGEST));
    }
}
