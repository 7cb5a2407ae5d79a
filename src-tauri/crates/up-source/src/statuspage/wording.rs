//! The words of status pages as a person reads them: `degraded performance` for
//! `degraded_performance`.

/// What Instatus writes in capitals without spaces.
const RUN_TOGETHER: [(&str, &str); 8] = [
    ("OPERATIONAL", "operational"),
    ("DEGRADEDPERFORMANCE", "degraded performance"),
    ("PARTIALOUTAGE", "partial outage"),
    ("MINOROUTAGE", "minor outage"),
    ("MAJOROUTAGE", "major outage"),
    ("UNDERMAINTENANCE", "under maintenance"),
    ("HASISSUES", "has issues"),
    ("UP", "up"),
];

/// A page's word for a state as a person reads it. A word that nobody knows stays as it is, but for
/// its underscores.
pub(super) fn worded(word: &str) -> String {
    let known = RUN_TOGETHER.iter().find(|(known, _)| *known == word);
    known.map_or_else(|| word.replace('_', " "), |(_, words)| (*words).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_by_people() {
        let check = |word: &str, expected: &str| assert_eq!(worded(word), expected);
        check("degraded_performance", "degraded performance");
        check("full_outage", "full outage");
        check("minor", "minor");
        check("MAJOROUTAGE", "major outage");
        check("HASISSUES", "has issues");
        check("Degraded Performance", "Degraded Performance");
        check("PURPLE", "PURPLE");
        check("", "");
    }
}
