//! What a server says of itself before anybody has logged in: bounded in all that makes the driver
//! do something for each.

use std::collections::BTreeSet;

use bson::RawBsonRef;
use bson::raw::RawDocument;

/// The most hosts that one answer may name: a replica set has no more members.
pub(in super::super) const HOSTS: usize = 50;

/// The most different hosts that all answers together may name. The members of a set may change,
/// but not without end.
const HOSTS_IN_ALL: usize = 100;

/// The longest name of a host, its port included (RFC 1035).
const HOST_NAME: usize = 253 + 6;

/// The most rounds of hashing that a login may ask for; servers ask for 10,000 or 15,000. The
/// driver does them where everything else has to wait for it.
const ROUNDS: u64 = 300_000;

/// Says what is wrong with the body of such a message, for a person; `hosts` are those that were
/// named before.
pub(super) fn check(body: &[u8], hosts: &mut BTreeSet<String>) -> Result<(), String> {
    let document = document(body).ok_or("it does not answer as a MongoDB does")?;
    let mut named = 0;
    for element in document {
        let (name, value) = element.map_err(|_| "it answers with a damaged document")?;
        match (name.as_str(), value) {
            ("hosts" | "passives" | "arbiters", RawBsonRef::Array(list)) => {
                for host in list {
                    named += 1;
                    let host = host.map_err(|_| "it answers with a damaged document")?;
                    note(host, hosts)?;
                }
            }
            ("payload", RawBsonRef::Binary(payload)) => login(payload.bytes)?,
            ("speculativeAuthenticate", RawBsonRef::Document(login_begun)) => {
                for element in login_begun {
                    if let Ok((_, RawBsonRef::Binary(payload))) = element {
                        login(payload.bytes)?;
                    }
                }
            }
            ("maxBsonObjectSize" | "maxMessageSizeBytes" | "maxWriteBatchSize", size)
                if !positive(size) =>
            {
                return Err(format!("it answers with a {name} that cannot be"));
            }
            _ => {}
        }
    }
    if named > HOSTS {
        return Err(format!(
            "it names {named} hosts; a replica set has {HOSTS} at the most"
        ));
    }
    if hosts.len() > HOSTS_IN_ALL {
        return Err(format!(
            "it names other hosts each time, over {HOSTS_IN_ALL} by now"
        ));
    }
    Ok(())
}

/// The one document of a message: behind four bytes of flags and one of the section's kind, and
/// before a checksum at the most. A second section could hide another document.
fn document(body: &[u8]) -> Option<&RawDocument> {
    let (kind, document) = body.get(4..)?.split_first()?;
    let length = u32::from_le_bytes(*document.first_chunk()?) as usize;
    let (document, after) = document.split_at_checked(length)?;
    if *kind != 0 || !matches!(after.len(), 0 | 4) {
        return None;
    }
    RawDocument::from_bytes(document).ok()
}

/// Notes a host. A path would lead the driver to a socket of this machine's file system.
fn note(host: RawBsonRef<'_>, hosts: &mut BTreeSet<String>) -> Result<(), String> {
    match host {
        RawBsonRef::String(host)
            if host.len() <= HOST_NAME
                && host.bytes().all(|b| b.is_ascii_graphic())
                && !host.contains(['/', '%'])
                && host.strip_suffix(".sock").is_none() =>
        {
            // One more than the bound shows that it is passed.
            if hosts.len() <= HOSTS_IN_ALL {
                hosts.insert(host.to_owned());
            }
            Ok(())
        }
        _ => Err("it names a host that cannot be one".into()),
    }
}

/// Checks the server's part of a SCRAM login: `r=NONCE,s=SALT,i=ROUNDS`.
fn login(payload: &[u8]) -> Result<(), String> {
    for part in payload.split(|byte| *byte == b',') {
        let rounds = part.strip_prefix(b"i=").map(str::from_utf8);
        let Some(Ok(rounds)) = rounds else {
            continue;
        };
        if rounds.parse::<u64>().is_ok_and(|rounds| rounds > ROUNDS) {
            return Err(format!(
                "its login asks for {rounds} rounds of hashing, over the bound of {ROUNDS}"
            ));
        }
    }
    Ok(())
}

fn positive(size: RawBsonRef<'_>) -> bool {
    match size {
        RawBsonRef::Int32(size) => size > 0,
        RawBsonRef::Int64(size) => size > 0,
        RawBsonRef::Double(size) => size >= 1.0,
        _ => false,
    }
}
