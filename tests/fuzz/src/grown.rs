//! Shapes that repeat a part, to see what a parser makes of very many of it.

/// `open`, then `unit` again and again, then `close`. A `#` in the unit is a number that counts up,
/// so that each can be another.
#[derive(Clone, Copy, Debug)]
pub struct Grown {
    /// What stands before.
    pub open: &'static str,
    /// What is repeated.
    pub unit: &'static str,
    /// What stands behind.
    pub close: &'static str,
}

/// A shape, shorter to write.
pub(crate) const fn grown(open: &'static str, unit: &'static str, close: &'static str) -> Grown {
    Grown { open, unit, close }
}

impl Grown {
    /// As long as fits into `size` bytes; one unit at the least.
    pub(crate) fn to(self, size: usize) -> Vec<u8> {
        let mut text = self.open.to_owned();
        for number in 0_usize.. {
            let unit = self.unit.replace('#', &number.to_string());
            if number > 0 && text.len() + unit.len() + self.close.len() > size {
                break;
            }
            text.push_str(&unit);
        }
        // A list that ended with a separator would be no list.
        if text.ends_with(',') {
            text.pop();
        }
        text.push_str(self.close);
        text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_grows_to_its_size_and_no_further() {
        let check = |shape: Grown, size: usize, expected: &str| {
            assert_eq!(shape.to(size), expected.as_bytes(), "{shape:?}");
        };
        check(grown("[", "\"#\",", "]"), 12, "[\"0\",\"1\"]");
        check(grown("", "ab", ""), 5, "abab");
        check(grown("", "ab", ""), 0, "ab");
    }
}
