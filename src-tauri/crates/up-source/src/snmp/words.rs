//! The words for an object's numbers and bits.

/// What the values of an object are called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Words {
    /// They are what they are.
    None,
    /// They are octets, never text: a hardware address.
    Octets,
    /// Each number has a word.
    Of(&'static [(i64, &'static str)]),
    /// Each bit has a word, the first one for the highest bit of the first octet.
    Bits(&'static [&'static str]),
}

/// What a value of bits is called when none is set.
pub(super) const NO_BIT: &str = "none";

/// The most bits that are listed. No object has words for nearly as many, so that of more than
/// these one at least has none, and is not among those that are expected.
const MOST_BITS: usize = 1_024;

impl Words {
    /// The word of a number.
    pub(super) fn of(self, number: i64) -> Option<&'static str> {
        let Self::Of(words) = self else {
            return None;
        };
        let known = words.iter().find(|(known, _)| *known == number);
        known.map(|(_, word)| *word)
    }

    /// The words of the bits that are set; a bit without a word is called by its number.
    pub(super) fn bits(self, octets: &[u8]) -> Option<Vec<String>> {
        let Self::Bits(words) = self else {
            return None;
        };
        let octets = octets.iter().enumerate();
        let set = octets.flat_map(|(at, octet)| {
            let is_set = move |bit: &usize| octet & (0x80 >> bit) != 0;
            (0..8).filter(is_set).map(move |bit| at * 8 + bit)
        });
        let word = |bit: usize| {
            let word = words.get(bit);
            word.map_or_else(|| format!("bit {bit}"), |word| (*word).to_owned())
        };
        Some(set.map(word).take(MOST_BITS).collect())
    }

    /// All words that a value may be; `None` when it may be any.
    pub(super) fn all(self) -> Option<Vec<&'static str>> {
        match self {
            Self::None | Self::Octets => None,
            Self::Of(words) => Some(words.iter().map(|(_, word)| *word).collect()),
            Self::Bits(words) => Some(words.iter().copied().chain([NO_BIT]).collect()),
        }
    }
}
