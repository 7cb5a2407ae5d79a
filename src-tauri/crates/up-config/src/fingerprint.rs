//! The fingerprint of a source: a number that is equal for two configurations of the same source.

use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

/// The fingerprint of a source type and its own keys as written (in any order): of what it checks,
/// not of how often or how patiently. It is stored across restarts, so that every Up on every
/// machine must compute the same one.
pub(crate) fn fingerprint(kind: &str, keys: &DeTable<'_>) -> u64 {
    let mut print = Print(Sha256::new());
    print.text(kind);
    print.table(keys);
    let hash: [u8; 32] = print.0.finalize().into();
    hash.iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

struct Print(Sha256);

impl Print {
    fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text);
    }

    fn table(&mut self, keys: &DeTable<'_>) {
        let mut sorted: Vec<_> = keys.iter().collect();
        sorted.sort_unstable_by(|(a, _), (b, _)| a.get_ref().cmp(b.get_ref()));
        self.count(sorted.len());
        for (key, content) in sorted {
            self.text(key.get_ref());
            self.value(content.get_ref());
        }
    }

    fn value(&mut self, value: &DeValue<'_>) {
        // A letter for each type: `1` and `"1"` are not the same.
        let mut tagged = |tag: &str, text: &str| {
            self.text(tag);
            self.text(text);
        };
        match value {
            DeValue::String(text) => tagged("s", text),
            DeValue::Integer(number) => {
                tagged("i", &format!("{} {}", number.radix(), number.as_str()));
            }
            DeValue::Float(number) => tagged("f", number.as_str()),
            DeValue::Boolean(flag) => tagged("b", if *flag { "1" } else { "0" }),
            DeValue::Datetime(date) => tagged("d", &date.to_string()),
            DeValue::Array(items) => {
                self.text("a");
                self.count(items.len());
                for item in items {
                    self.value(item.get_ref());
                }
            }
            DeValue::Table(keys) => {
                self.text("t");
                self.table(keys);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> u64 {
        let keys = DeTable::parse(text).expect("valid TOML").into_inner();
        fingerprint("http", &keys)
    }

    /// Stored states are matched to sources by this number, also after an upgrade.
    #[test]
    fn it_is_the_same_for_ever() {
        assert_eq!(
            of("a = 1\nb = [true, 2.5, \"x\"]"),
            17_953_315_504_858_348_952
        );
    }

    #[test]
    fn order_and_layout_do_not_matter_and_values_do() {
        let base = of("a = 1\nb = { c = [\"x\"] }");
        assert_eq!(base, of("b = { c = [ 'x' ] } # why\na = 1"));
        for other in [
            "a = 1",
            "a = 2\nb = { c = [\"x\"] }",
            "a = \"1\"\nb = { c = [\"x\"] }",
            "a = 1\nb = { c = [\"x\", \"x\"] }",
            "a = 1\nb = { d = [\"x\"] }",
        ] {
            assert_ne!(base, of(other), "{other}");
        }
    }
}
