//! The short name of a note, by which a person can mean it on the command line.

use sha2::{Digest, Sha256};
use up_core::Note;

/// Eight hexadecimal digits that stand for a note: the same in every store and for everybody.
pub fn note_id(note: &Note) -> String {
    // Stores keep dates to the microsecond at least; a millisecond tells notes apart.
    let date = (note.date * 1e3).round() as i64;
    let mut hash = Sha256::new();
    hash.update(date.to_be_bytes());
    hash.update(note.path.as_deref().unwrap_or_default());
    hash.update([0]);
    hash.update(note.message());
    let [a, b, c, d, ..]: [u8; 32] = hash.finalize().into();
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_a_name_of_its_own() {
        let note = |message: &str, date: f64| Note::new(message, date);
        let first = note_id(&note("deploy", 1_795_348_800.123_456_7));
        assert_eq!(first, note_id(&note("deploy", 1_795_348_800.123_456)));
        let others = [
            note("deploy", 1_795_348_800.125),
            note("deploy 2", 1_795_348_800.123_456),
            note("deploy", 1_795_348_800.123_456).about(Some("/R".into())),
        ];
        for other in others {
            assert_ne!(note_id(&other), first, "{other:?}");
        }
    }
}
