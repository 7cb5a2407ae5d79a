//! Suggests the known word that was probably meant.

/// The known word that is most similar to `word`, if one is similar enough.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = |word: &str| word.to_lowercase().replace(['-', ' '], "_");
    let word = plain(word);
    // A word of this length is not a misspelling, and the comparison takes its length squared.
    if word.len() > 100 {
        return None;
    }
    let mut best: Option<(usize, &'k str)> = None;
    for known in known {
        let plain = plain(known);
        let most = known.chars().count().max(3) / 3;
        let bound = best.map_or(most, |(distance, _)| most.min(distance.saturating_sub(1)));
        // The comparison takes time by the product of the lengths. Most of thousands of paths are
        // already excluded by their letters.
        if at_least(&word, &plain) > bound || best.is_some_and(|(distance, _)| distance == 0) {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&word, &plain);
        if distance <= bound {
            best = Some((distance, known));
        }
    }
    best.map(|(_, known)| known)
}

/// A lower bound for the number of edits between two words: each edit adds, removes or changes one
/// letter, and exchanging two letters changes none.
fn at_least(one: &str, other: &str) -> usize {
    let mut surplus = [0_i32; 256];
    for byte in one.bytes() {
        surplus[usize::from(byte)] += 1;
    }
    for byte in other.bytes() {
        surplus[usize::from(byte)] -= 1;
    }
    let more = |sign: i32| -> i32 { surplus.iter().map(|n| (n * sign).max(0)).sum() };
    let most = more(1).max(more(-1)).unsigned_abs() as usize;
    // A letter that is not ASCII has up to four bytes.
    let is_ascii = one.is_ascii() && other.is_ascii();
    if is_ascii { most } else { most.div_ceil(4) }
}

/// Help that names the most similar known word, or all known words.
pub(crate) fn one_of(word: &str, known: &[&str]) -> String {
    match nearest(word, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("use {}", list(known, "or")),
    }
}

/// `a, b or c`
pub(crate) fn list(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions() {
        let known = ["interval", "timeout", "url", "max_redirects"];
        let check = |word: &str, expected| assert_eq!(nearest(word, &known), expected, "{word}");
        check("intervall", Some("interval"));
        check("Interval", Some("interval"));
        check("timout", Some("timeout"));
        check("ulr", Some("url"));
        check("max-redirects", Some("max_redirects"));
        check("host", None);
        check("", None);
        check(&"interval".repeat(1000), None);
    }

    #[test]
    fn lists() {
        assert_eq!(list(&[], "or"), "");
        assert_eq!(list(&["a"], "or"), "`a`");
        assert_eq!(list(&["a", "b", "c"], "or"), "`a`, `b` or `c`");
    }
}
