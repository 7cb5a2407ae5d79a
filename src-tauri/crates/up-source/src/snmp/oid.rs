//! Object identifiers: as up.toml writes them, as messages show them, and in BER.

use std::fmt::Write as _;

use super::ber::RawOid;
use super::names::{GROUPS, MIB_2};
use super::words::Words;

/// The largest number of arcs in one (RFC 2578, section 3.5).
const MAX_ARCS: usize = 128;

/// An object identifier of at least two arcs, of which BER can represent the first two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Oid {
    arcs: Box<[u32]>,
}

impl Oid {
    /// `SNMPv2-MIB::sysUpTime.0` (RFC 3418).
    pub(super) fn sys_up_time() -> Self {
        let arcs = [MIB_2, &[1, 3, 0]].concat();
        Self { arcs: arcs.into() }
    }

    /// Parses `1.3.6.1.2.1.1.5.0`, `.1.3.6…`, `sysName`, `ifOperStatus.2` or
    /// `IF-MIB::ifOperStatus.2`. The name of a scalar object needs no `.0`. The error says what is
    /// wrong, as one line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let numbers = text.strip_prefix('.').unwrap_or(text);
        if numbers.starts_with(|first: char| first.is_ascii_digit()) {
            let arcs = arcs(numbers).ok_or_else(|| format!("{text:?} is no object identifier"))?;
            return Self::new(arcs).ok_or_else(|| format!("{text:?} is no object identifier"));
        }
        let local = text.split_once("::").map_or(text, |(_, local)| local);
        let (name, index) = match local.split_once('.') {
            Some((name, index)) => (name, Some(index)),
            None => (local, None),
        };
        let objects = GROUPS
            .iter()
            .flat_map(|group| group.objects.iter().map(move |object| (group, object)));
        let mut alike = objects.filter(|(_, (_, known, _))| known.eq_ignore_ascii_case(name));
        let Some((group, (number, known, _))) = alike.next() else {
            return Err(format!("no object is known by the name {name:?}"));
        };
        if *known != name {
            return Err(format!(
                "no object is known by the name {name:?}; is it {known}?"
            ));
        }
        let index = match index {
            Some(index) => arcs(index).ok_or_else(|| format!("{index:?} is no index"))?,
            None if group.single => vec![0],
            None => {
                return Err(format!(
                    "{name} is a column of a table: add a row, as in {name}.1"
                ));
            }
        };
        let arcs = [MIB_2, group.at, &[*number], &index].concat();
        Self::new(arcs).ok_or_else(|| format!("{text:?} has too many numbers"))
    }

    /// An OID of those arcs. `None` if BER cannot represent them, or if there are too many.
    fn new(arcs: Vec<u32>) -> Option<Self> {
        let fits = match arcs.as_slice() {
            // BER encodes the first two arcs as one number (X.690, section 8.19.4).
            [first @ 0..=1, second, ..] => *first < 2 && *second < 40,
            [2, second, ..] => *second <= u32::MAX - 80,
            _ => false,
        };
        (fits && arcs.len() <= MAX_ARCS).then(|| Self { arcs: arcs.into() })
    }

    /// The OID in BER, without tag and length.
    pub(super) fn raw(&self) -> Box<RawOid> {
        let mut raw = Vec::with_capacity(self.arcs.len() + 4);
        if let [first, second, rest @ ..] = &*self.arcs {
            push(&mut raw, first * 40 + second);
            for arc in rest {
                push(&mut raw, *arc);
            }
        }
        raw.into()
    }

    /// The words for the values of this object.
    pub(super) fn words(&self) -> Words {
        self.object().map_or(Words::None, |(_, words, _)| words)
    }

    /// The name, words and index of the object, if its name is known.
    fn object(&self) -> Option<(&'static str, Words, &[u32])> {
        let below = self.arcs.strip_prefix(MIB_2)?;
        GROUPS.iter().find_map(|group| {
            let (number, index) = below.strip_prefix(group.at)?.split_first()?;
            let object = group.objects.iter().find(|(known, ..)| known == number)?;
            (!index.is_empty()).then_some((object.1, object.2, index))
        })
    }
}

/// Shows an OID by its name if it is known, else as numbers.
impl std::fmt::Display for Oid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.object() {
            Some((name, _, index)) => write!(f, "{name}.{}", dotted(index)),
            None => f.write_str(&dotted(&self.arcs)),
        }
    }
}

/// An OID in BER as numbers with dots, for OIDs that are values. `None` if `raw` is no OID.
pub(super) fn shown(raw: &RawOid) -> Option<String> {
    let mut arcs = Vec::new();
    let mut arc: u32 = 0;
    let mut open = false;
    for byte in raw.iter().take(5 * MAX_ARCS) {
        arc = arc.checked_mul(128)? | u32::from(byte & 0x7f);
        open = byte & 0x80 != 0;
        if open {
            continue;
        }
        if arcs.is_empty() {
            let first = (arc / 40).min(2);
            arcs.extend([first, arc - first * 40]);
        } else {
            arcs.push(arc);
        }
        arc = 0;
    }
    (!open && !arcs.is_empty()).then(|| dotted(&arcs))
}

/// Parses numbers with dots.
fn arcs(text: &str) -> Option<Vec<u32>> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let arc = |text: &str| text.parse().ok().filter(|_| digits(text));
    text.split('.').map(arc).collect()
}

fn dotted(arcs: &[u32]) -> String {
    let mut text = String::new();
    for (at, arc) in arcs.iter().enumerate() {
        let dot = if at == 0 { "" } else { "." };
        let _ = write!(text, "{dot}{arc}");
    }
    text
}

/// Appends an arc: seven bits a byte, the highest bit set in all bytes but the last (X.690, section
/// 8.19.2).
fn push(raw: &mut Vec<u8>, arc: u32) {
    for place in (1..5).rev() {
        let rest = arc >> (7 * place);
        if rest != 0 {
            raw.push(0x80 | (rest & 0x7f) as u8);
        }
    }
    raw.push((arc & 0x7f) as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ber::SYS_NAME;
    use super::*;

    #[test]
    fn what_is_written_and_what_is_shown() {
        let check = |text: &str, expected: &str| {
            let shown = Oid::parse(text).map_or_else(|error| error, |oid| oid.to_string());
            assert_eq!(shown, expected, "{text}");
        };
        check("sysName", "sysName.0");
        check("SNMPv2-MIB::sysName.0", "sysName.0");
        check("1.3.6.1.2.1.1.5.0", "sysName.0");
        check("ifOperStatus.2", "ifOperStatus.2");
        check("IF-MIB::ifHCInOctets.17", "ifHCInOctets.17");
        check(".1.3.6.1.2.1.33.1.2.1.0", "upsBatteryStatus.0");
        check("prtMarkerSuppliesLevel.1.2", "prtMarkerSuppliesLevel.1.2");
        check("1.3.6.1.4.1.2021.10.1.3.1", "1.3.6.1.4.1.2021.10.1.3.1");
        check("2.999.1", "2.999.1");
        check(
            "ifOperStatus",
            "ifOperStatus is a column of a table: add a row, as in ifOperStatus.1",
        );
        check(
            "ifoperstatus.1",
            "no object is known by the name \"ifoperstatus\"; is it ifOperStatus?",
        );
        check("laLoad.1", "no object is known by the name \"laLoad\"");
        check("ifOperStatus.x", "\"x\" is no index");
        check("ifOperStatus.", "\"\" is no index");
        for none in ["1", "1.", "1..3", "3.1", "1.40", "1.3.+6", "1.3.4294967296"] {
            check(none, &format!("{none:?} is no object identifier"));
        }
    }

    #[test]
    fn a_name_and_a_place_stand_once() {
        let mut seen = std::collections::BTreeSet::new();
        for group in GROUPS {
            for (number, name, _) in group.objects {
                assert!(seen.insert((*name).to_owned()), "{name}");
                assert!(seen.insert(format!("{:?}{number}", group.at)), "{name}");
            }
        }
    }

    #[test]
    fn ber_is_as_agents_read_it() {
        let raw = |text: &str| Oid::parse(text).expect("one").raw();
        assert_eq!(&*raw("sysName"), SYS_NAME);
        assert_eq!(&*raw("2.999.3"), [0x88, 0x37, 3]);
        assert_eq!(
            &*raw("1.3.4294967295"),
            [0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f]
        );
        assert_eq!(&*raw("1.3.128"), [0x2b, 0x81, 0]);
    }

    proptest! {
        #[test]
        fn no_text_is_a_panic_and_numbers_come_back(text in "[.0-9a-zA-Z:]{0,20}") {
            if let Ok(oid) = Oid::parse(&text) {
                prop_assert_eq!(shown(&oid.raw()), Some(dotted(&oid.arcs)));
                prop_assert_eq!(Oid::parse(&oid.to_string()), Ok(oid));
            }
        }

        #[test]
        fn no_bytes_are_a_panic(raw in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = shown(&raw);
        }
    }
}
