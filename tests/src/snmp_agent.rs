//! A v1 and v2c SNMP agent that answers as a test wants: with values in BER, with errors, or with
//! objects left out or in another order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::udp::Peer;

/// What the agent answers.
#[derive(Debug)]
pub enum AgentReply {
    /// The values of these objects, by their OIDs, in that order.
    Values(Vec<String>),
    /// This value for each requested object.
    This(Vec<u8>),
    /// An error with that status and index, and the requested objects without values.
    Error(u8, u8),
    /// Nothing.
    Silence,
}

/// A BER element of up to 65,535 bytes.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = match length {
        0..128 => vec![tag, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    bytes.extend_from_slice(content);
    bytes
}

/// Starts an agent with those objects. `say` gets whether the version is 1, and the OIDs that are
/// requested.
pub async fn start(
    objects: &[(&str, Vec<u8>)],
    mut say: impl FnMut(bool, &[String]) -> AgentReply + Send + 'static,
) -> Peer {
    let objects: BTreeMap<String, Vec<u8>> = objects
        .iter()
        .map(|(number, value)| ((*number).to_owned(), value.clone()))
        .collect();
    Peer::answering(move |question| answer(question, &objects, &mut say).into_iter().collect())
        .await
}

fn answer(
    question: &[u8],
    objects: &BTreeMap<String, Vec<u8>>,
    say: &mut impl FnMut(bool, &[String]) -> AgentReply,
) -> Option<Vec<u8>> {
    let (_, message, _) = read(question)?;
    let (_, version, rest) = read(message)?;
    let (_, community, rest) = read(rest)?;
    let (_, pdu, _) = read(rest)?;
    let (_, id, rest) = read(pdu)?;
    let (_, _, rest) = read(rest)?;
    let (_, _, rest) = read(rest)?;
    let (_, mut list, _) = read(rest)?;
    let mut asked = Vec::new();
    while let Some((_, object, rest)) = read(list) {
        asked.push(numbers(read(object)?.1));
        list = rest;
    }
    let is_first = version == [0];
    let object = |number: &String, value: &[u8]| {
        element(0x30, &[element(6, &raw(number)), value.to_vec()].concat())
    };
    // v1 has no word for this, and v2c calls it noSuchInstance.
    let missing: &[u8] = if is_first { &[5, 0] } else { &[0x81, 0] };
    let (status, index, list) = match say(is_first, &asked) {
        AgentReply::Silence => return None,
        AgentReply::Error(status, index) => {
            let list = asked.iter().map(|number| object(number, &[5, 0]));
            (status, index, list.collect::<Vec<_>>())
        }
        AgentReply::This(value) => {
            let list = asked.iter().map(|number| object(number, &value));
            (0, 0, list.collect())
        }
        AgentReply::Values(told) => {
            let value = |number: &String| objects.get(number).map_or(missing, Vec::as_slice);
            let list = told.iter().map(|number| object(number, value(number)));
            (0, 0, list.collect())
        }
    };
    let pdu = [
        element(2, id),
        element(2, &[status]),
        element(2, &[index]),
        element(0x30, &list.concat()),
    ];
    let message = [
        element(2, version),
        element(4, community),
        element(0xa2, &pdu.concat()),
    ];
    Some(element(0x30, &message.concat()))
}

/// The first element: its tag, its content, and the bytes behind it.
fn read(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if length & 0x80 != 0 {
        let (digits, after) = rest.split_at_checked(length & 0x7f)?;
        length = digits
            .iter()
            .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
        rest = after;
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// An OID that begins with 1.3, as numbers.
fn numbers(raw: &[u8]) -> String {
    let mut text = "1.3".to_owned();
    let mut arc = 0;
    for byte in raw.iter().skip(1) {
        arc = arc << 7 | u32::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            let _ = write!(text, ".{arc}");
            arc = 0;
        }
    }
    text
}

fn raw(numbers: &str) -> Vec<u8> {
    let mut raw = vec![0x2b];
    for arc in numbers.split('.').skip(2) {
        let arc: u32 = arc.parse().expect("a number");
        let places = (0..5).rev().map(|place| arc >> (7 * place));
        let digits = places.skip_while(|rest| *rest == 0);
        let digits: Vec<u8> = digits.map(|rest| rest as u8 | 0x80).collect();
        let (last, more) = digits.split_last().unwrap_or((&0x80, &[]));
        raw.extend_from_slice(more);
        raw.push(last & 0x7f);
    }
    raw
}
