//! The words for the numbers and bits of SNMP objects.

/// How the values of an object are shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Words {
    /// As they are.
    None,
    /// In hexadecimal, even if the octets are text: a hardware address.
    Octets,
    /// By the word for each number.
    Of(&'static [(i64, &'static str)]),
    /// By the word for each bit that is set. The first word is for the highest bit of the first
    /// octet.
    Bits(&'static [&'static str]),
}

/// How a value is shown in which no bit is set.
pub(super) const NO_BIT: &str = "none";

/// The largest number of bits that are listed. It is far above the number of words of any object,
/// so that a value with more bits always has some without a word, and these never match `expect`.
const MOST_BITS: usize = 1_024;

impl Words {
    /// The word for a number.
    pub(super) fn of(self, number: i64) -> Option<&'static str> {
        let Self::Of(words) = self else {
            return None;
        };
        let known = words.iter().find(|(known, _)| *known == number);
        known.map(|(_, word)| *word)
    }

    /// The words for the bits that are set. A bit without a word is shown by its number. `None` if
    /// the values of this object are not bits.
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

    /// All words for values. `None` if values have no words.
    pub(super) fn all(self) -> Option<Vec<&'static str>> {
        match self {
            Self::None | Self::Octets => None,
            Self::Of(words) => Some(words.iter().map(|(_, word)| *word).collect()),
            Self::Bits(words) => Some(words.iter().copied().chain([NO_BIT]).collect()),
        }
    }
}
