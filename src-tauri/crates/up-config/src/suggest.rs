//! What a person may have meant.

/// The known word nearest to `word`, when one is near.
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = |word: &str| word.to_lowercase().replace(['-', ' '], "_");
    let word = plain(word);
    // A word so long is no slip of the pen, and comparing it would take its length squared.
    if word.len() > 100 {
        return None;
    }
    let mut best: Option<(usize, &'k str)> = None;
    for known in known {
        let plain = plain(known);
        let most = known.chars().count().max(3) / 3;
        let bound = best.map_or(most, |(distance, _)| most.min(distance.saturating_sub(1)));
        // Comparing takes time by the length of both: thousands of paths are mostly told apart by
        // their letters alone.
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

/// No fewer edits lead from one word to the other: each adds, takes or changes one letter, and
/// exchanging two changes none.
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
    // Letters beyond ASCII have up to four bytes.
    let is_ascii = one.is_ascii() && other.is_ascii();
    if is_ascii { most } else { most.div_ceil(4) }
}

/// Help that names the nearest known word, or all of them.
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
