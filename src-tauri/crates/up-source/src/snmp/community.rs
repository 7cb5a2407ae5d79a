//! SNMP v1 and v2c: requests with a community. No state is kept between requests.

use snmp2::Pdu;

use super::ber::{self, RawOid};
use super::link::{AgentLink, LinkFailure, ReceivedDatagram};
use super::reply::SnmpResponse;
use crate::{CheckContext, Secret};

/// Sends one request and waits for its answer. An agent does not answer an unknown community.
pub(super) async fn request(
    link: &mut AgentLink<'_>,
    version: snmp2::Version,
    community: &Secret,
    oids: &[&RawOid],
    context: &CheckContext,
) -> Result<SnmpResponse, LinkFailure> {
    let id = super::request_id();
    let community = community.reveal().as_bytes();
    let message = ber::community_get(version as i64, community, id, oids);
    let read = |bytes: &[u8]| read(bytes, version, id, oids);
    link.exchange(&message, context.deadline, read).await
}

/// Reads a datagram that may be the answer to the request with that `id`.
pub(super) fn read(
    bytes: &[u8],
    version: snmp2::Version,
    id: i32,
    oids: &[&RawOid],
) -> ReceivedDatagram<SnmpResponse> {
    match Pdu::from_bytes(bytes) {
        Err(error) => ReceivedDatagram::Malformed(error.to_string()),
        Ok(pdu) if pdu.version() != Ok(version) => {
            ReceivedDatagram::Malformed("another version".into())
        }
        Ok(pdu) if pdu.req_id != id => ReceivedDatagram::Stray,
        Ok(pdu) => SnmpResponse::read(&pdu, oids)
            .map_or_else(ReceivedDatagram::Malformed, ReceivedDatagram::Answer),
    }
}
