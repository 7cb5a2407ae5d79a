//! A number that is equal for two sources when nothing that matters differs.

use std::hash::{DefaultHasher, Hash, Hasher};

use toml::de::{DeTable, DeValue};

/// Over a kind and its keys as written, whatever their order, and `rest`: what was inherited. Equal within one build of Up, on any machine.
pub(crate) fn fingerprint(kind: &str, keys: &DeTable<'_>, rest: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    kind.hash(&mut hasher);
    table(keys, &mut hasher);
    rest.hash(&mut hasher);
    hasher.finish()
}

fn table(keys: &DeTable<'_>, hasher: &mut DefaultHasher) {
    let mut sorted: Vec<_> = keys.iter().collect();
    sorted.sort_unstable_by(|(a, _), (b, _)| a.get_ref().cmp(b.get_ref()));
    sorted.len().hash(hasher);
    for (key, content) in sorted {
        key.get_ref().hash(hasher);
        value(content.get_ref(), hasher);
    }
}

fn value(value_of: &DeValue<'_>, hasher: &mut DefaultHasher) {
    std::mem::discriminant(value_of).hash(hasher);
    match value_of {
        DeValue::String(text) => text.hash(hasher),
        DeValue::Integer(number) => (number.as_str(), number.radix()).hash(hasher),
        DeValue::Float(number) => number.as_str().hash(hasher),
        DeValue::Boolean(flag) => flag.hash(hasher),
        DeValue::Datetime(date) => date.to_string().hash(hasher),
        DeValue::Array(items) => {
            items.len().hash(hasher);
            for item in items {
                value(item.get_ref(), hasher);
            }
        }
        DeValue::Table(keys) => table(keys, hasher),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> u64 {
        let keys = DeTable::parse(text).expect("valid TOML").into_inner();
        fingerprint("http", &keys, 30)
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
