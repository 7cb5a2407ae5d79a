//! Hostile peers over datagrams, and the sources that check them.

use std::time::Duration;

use super::streams::dns;
use super::{DRIP, FarSideCase};
use crate::snmpd::{Snmpd, auth_password, privacy_password};
use crate::udp::{DatagramFate, Direction, Peer};
use tokio::net::UdpSocket;
use tokio::task::AbortHandle;
use tokio::time::timeout;

/// The pause before anyone has sent a request.
const LONG: Duration = Duration::from_hours(1);

/// A peer that keeps sending to the last client, with this pause. `reply` makes the datagrams from
/// the request.
struct Flood {
    port: u16,
    task: AbortHandle,
}

impl Flood {
    async fn start(apart: Duration, reply: fn(&[u8]) -> Vec<u8>) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0")
            .await
            .expect("a socket on the loopback");
        let port = socket
            .local_addr()
            .expect("a bound socket's address")
            .port();
        let sending = tokio::spawn(async move {
            let mut buffer = vec![0; 65_535];
            let (mut asker, mut answer) = (None, Vec::new());
            loop {
                let patience = if asker.is_some() { apart } else { LONG };
                match timeout(patience, socket.recv_from(&mut buffer)).await {
                    Ok(Ok((length, from))) => {
                        asker = Some(from);
                        answer = reply(&buffer[..length]);
                    }
                    // The last client may be gone, so that its port refuses.
                    Ok(Err(_)) => asker = None,
                    Err(_) => {
                        if let Some(asker) = asker {
                            let _ = socket.send_to(&answer, asker).await;
                        }
                    }
                }
            }
        });
        Self {
            port,
            task: sending.abort_handle(),
        }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn snmp(port: u16, more: &str) -> String {
    format!("host = \"127.0.0.1\"\nport = {port}\n{more}")
}

fn snmp_user() -> String {
    let user = "sha256-aes128";
    let (auth, privacy) = (auth_password(user), privacy_password(user));
    format!(
        "version = \"3\"\nuser = {user:?}\nauth = \"sha256\"\nauth_password = {auth:?}\n\
         privacy = \"aes128\"\nprivacy_password = {privacy:?}"
    )
}

/// The cases over datagrams.
pub async fn datagrams() -> Vec<FarSideCase> {
    type NamedDatagram = ((&'static str, &'static str), fn(u16) -> String);
    let kinds: [NamedDatagram; 3] = [
        (("dns", "udp"), |port| {
            dns("udp", &format!("127.0.0.1:{port}"))
        }),
        (("snmp", "v2c"), |port| snmp(port, "")),
        (("snmp", "v3"), |port| snmp(port, &snmp_user())),
    ];
    let mut cases = Vec::new();
    for (name, keys) in kinds {
        let silent = Peer::silent().await;
        cases.push(FarSideCase::new(
            name,
            "silent",
            keys(silent.port()),
            silent,
        ));
        for (manner, apart) in [("dripping", DRIP), ("endless", Duration::ZERO)] {
            let garbage = Flood::start(apart, |_| vec![0x30; 40]).await;
            cases.push(FarSideCase::new(name, manner, keys(garbage.port), garbage));
        }
        let echo = Flood::start(DRIP, <[u8]>::to_vec).await;
        cases.push(FarSideCase::new(
            name,
            "dripping echo",
            keys(echo.port),
            echo,
        ));
    }
    // A real agent that answers the discovery, so that keys are localized for it, and then nothing.
    let agent = Snmpd::start();
    let relay = Peer::relay(agent.port(), |way, count, _| match (way, count) {
        (Direction::Back, 1..) => DatagramFate::Lost,
        _ => DatagramFate::Pass,
    })
    .await;
    let keys = snmp(relay.port(), &snmp_user());
    cases.push(FarSideCase::new(
        ("snmp", "v3"),
        "silent once known",
        keys,
        (relay, agent),
    ));
    cases
}
