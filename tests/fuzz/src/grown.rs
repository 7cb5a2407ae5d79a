//! Inputs that repeat one part very often, as large as a parser reads.

/// An input made of `open`, many times `unit`, and `close`. A `#` in the unit is replaced by a
/// counter, so that the units differ.
#[derive(Clone, Copy, Debug)]
pub struct Grown {
    /// The text before the units.
    pub open: &'static str,
    /// The text that is repeated.
    pub unit: &'static str,
    /// The text after the units.
    pub close: &'static str,
}

/// Makes such a value.
pub(crate) const fn grown(open: &'static str, unit: &'static str, close: &'static str) -> Grown {
    Grown { open, unit, close }
}

impl Grown {
    /// The input with as many units as fit into `size` bytes, at least one.
    pub(crate) fn to(self, size: usize) -> Vec<u8> {
        let mut text = self.open.to_owned();
        for number in 0_usize.. {
            let unit = self.unit.replace('#', &number.to_string());
            if number > 0 && text.len() + unit.len() + self.close.len() > size {
                break;
            }
            text.push_str(&unit);
        }
        // A list that ends with a separator would not be valid.
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
