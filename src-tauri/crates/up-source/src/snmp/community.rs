//! v1 and v2c: a question with a community, and nothing to remember between two of them.

use snmp2::Pdu;

use super::ber::{self, RawOid};
use super::link::{Failure, Heard, Link};
use super::reply::Reply;
use crate::{Probe, Secret};

/// Asks once. Of a community that the agent does not know, there is only silence.
pub(super) async fn ask(
    link: &mut Link<'_>,
    version: snmp2::Version,
    community: &Secret,
    oids: &[&RawOid],
    probe: &Probe,
) -> Result<Reply, Failure> {
    let id = super::request_id();
    let community = community.reveal().as_bytes();
    let message = ber::community_get(version as i64, community, id, oids);
    let read = |bytes: &[u8]| read(bytes, version, id, oids);
    link.exchange(&message, probe.deadline, read).await
}

/// Reads what came for the question with that id.
pub(super) fn read(
    bytes: &[u8],
    version: snmp2::Version,
    id: i32,
    oids: &[&RawOid],
) -> Heard<Reply> {
    match Pdu::from_bytes(bytes) {
        Err(error) => Heard::Malformed(error.to_string()),
        Ok(pdu) if pdu.version() != Ok(version) => Heard::Malformed("another version".into()),
        Ok(pdu) if pdu.req_id != id => Heard::Stray,
        Ok(pdu) => Reply::read(&pdu, oids).map_or_else(Heard::Malformed, Heard::Answer),
    }
}
