//! Numbers and secrets that a seed makes.

/// `SplitMix64`.
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number less than `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn one_of<'a, T: AsRef<str>>(&mut self, all: &'a [T]) -> &'a str {
        all[self.below(all.len())].as_ref()
    }

    /// A secret that TOML's basic strings can hold as it is; where it stands in a URL, one that a
    /// URL can hold.
    pub(crate) fn secret(&mut self, in_url: bool) -> String {
        const PLAIN: &str = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        const ODD: &str = "#=:;,.!?[]()'/@ -_+*~|<>%$&äß";
        let kinds = if in_url { 3 } else { 5 };
        let letters: Vec<char> = match self.below(kinds) {
            0 => PLAIN.chars().collect(),
            1 => PLAIN.chars().take(24).collect(),
            2 => PLAIN.chars().filter(char::is_ascii_digit).collect(),
            _ => PLAIN
                .chars()
                .chain(ODD.chars())
                .chain(ODD.chars())
                .collect(),
        };
        let length = 8 + self.below(16);
        let secret: String = (0..length)
            .map(|_| letters[self.below(letters.len())])
            .collect();
        secret.trim().to_owned() + "Qx"
    }
}
