//! The relay: every byte that a MongoDB sends passes it before the driver reads it.
//!
//! The driver takes memory by what a server announces: a message as long as its header says, a
//! task for every host that an answer names, as many rounds of hashing as a login asks for. It
//! has no option that bounds any of these. So the driver reaches its servers only through this
//! SOCKS5 proxy on loopback, which ends TLS itself (else it would see nothing), and ends a
//! connection whose server goes beyond the bounds of `frames` and `handshake`.

mod dial;
mod frames;
mod handshake;
mod socks;
mod trust;

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mongodb::options::{ServerAddress, Socks5Proxy, TlsOptions};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

pub(super) use handshake::HOSTS;

use dial::Dialer;
use frames::ConnectionEnd;

/// How many connections the relay carries at once: a few for each member of the largest replica
/// set. One that finds no room waits.
const CONNECTIONS: usize = 256;

/// How long the driver, which is in this very process, may take to say where it wants to go.
const GREETING: Duration = Duration::from_secs(5);

/// How long to wait for a free descriptor.
const AGAIN: Duration = Duration::from_millis(100);

/// What the relay has found out about the servers of one target. The target keeps it, and tells of
/// it where the driver would only know that a connection ended.
#[derive(Debug, Default)]
pub(super) struct Findings(Mutex<RelayTarget>);

#[derive(Debug, Default)]
struct RelayTarget {
    refusal: Option<String>,
    failure: Option<String>,
    hosts: BTreeSet<String>,
}

impl Findings {
    /// Why the relay speaks to this target's servers no more: they went beyond a bound.
    pub(super) fn refusal(&self) -> Option<String> {
        self.found().refusal.clone()
    }

    /// Why a server could not be reached when it was last tried.
    pub(super) fn failure(&self) -> Option<String> {
        self.found().failure.clone()
    }

    /// Forgets all of it: a new relay begins.
    pub(super) fn clear(&self) {
        *self.found() = RelayTarget::default();
    }

    fn found(&self) -> MutexGuard<'_, RelayTarget> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running relay. Dropped, it closes every connection.
pub(super) struct Relay {
    proxy: Socks5Proxy,
    accepting: AbortHandle,
}

impl Relay {
    /// Starts one on the current tokio runtime. It takes over what reaches past it: TLS, and
    /// sockets of the file system among `hosts`, which get a name that only this relay knows.
    pub(super) async fn start(
        hosts: &mut [ServerAddress],
        tls: Option<&TlsOptions>,
        findings: Arc<Findings>,
    ) -> io::Result<Self> {
        let dialer = Dialer::new(hosts, tls)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let password = password()?;
        let proxy = Socks5Proxy::builder()
            .host(Ipv4Addr::LOCALHOST.to_string())
            .port(listener.local_addr()?.port())
            .authentication((socks::USER.to_owned(), password.clone()))
            .build();
        let carrier = Arc::new(RelayContext {
            password,
            dialer,
            findings,
        });
        let accepting = tokio::spawn(accept(listener, carrier)).abort_handle();
        Ok(Self { proxy, accepting })
    }

    /// Where the driver finds it.
    pub(super) fn proxy(&self) -> Socks5Proxy {
        self.proxy.clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Any user of this machine can connect to a loopback port; only this process knows the password.
fn password() -> io::Result<String> {
    let mut random = [0; 16];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut random)
        .map_err(|_| io::Error::other("the system has no random numbers"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(random)))
}

async fn accept(listener: TcpListener, carrier: Arc<RelayContext>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    // Its tasks end with it.
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let Ok((driver, _)) = listener.accept().await else {
            sleep(AGAIN).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        let carrier = Arc::clone(&carrier);
        connections.spawn(async move {
            carrier.carry(driver).await;
            drop(place);
        });
    }
}

/// What every connection needs.
struct RelayContext {
    password: String,
    dialer: Dialer,
    findings: Arc<Findings>,
}

impl RelayContext {
    /// Carries one connection to its end.
    async fn carry(&self, mut driver: TcpStream) {
        let greeted = timeout(GREETING, socks::accept(&mut driver, &self.password)).await;
        let Ok(Ok((host, port))) = greeted else {
            return;
        };
        // What was refused once is refused until the target begins anew.
        if self.findings.refusal().is_some() {
            return;
        }
        // An answer is passed in pieces. Each but the first would wait for the driver's system to
        // acknowledge the one before, which takes 40 ms. It is only slower where that is refused.
        let _ = driver.set_nodelay(true);
        let server = match self.dialer.dial(&host, port).await {
            Ok(server) => server,
            Err(error) => {
                self.findings.found().failure = Some(error.to_string());
                // The driver may have given up meanwhile.
                let _ = socks::refuse(&mut driver).await;
                return;
            }
        };
        self.findings.found().failure = None;
        if socks::grant(&mut driver).await.is_err() {
            return;
        }
        let end = frames::pass(driver, server, &self.findings).await;
        if let ConnectionEnd::Refused(why) = end {
            let mut found = self.findings.found();
            found.refusal.get_or_insert(why);
        }
    }
}

#[cfg(test)]
mod tests;
