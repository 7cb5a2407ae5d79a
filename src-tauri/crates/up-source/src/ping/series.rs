//! The echo requests of one check to one address, and their replies.

use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::time::{Instant, sleep_until, timeout_at};
use up_core::Detail;

/// The pause between two requests, so that one short interruption does not affect all of them.
const INTERVAL: Duration = Duration::from_millis(100);

/// How long to wait for the remaining replies after the first has come. Later replies count as
/// lost.
const STRAGGLERS: Duration = Duration::from_secs(2);

/// What came back from one address.
#[derive(Debug)]
pub(super) struct Echoes {
    /// The address that the requests were sent to.
    pub(super) address: IpAddr,
    /// The number of requests sent.
    pub(super) sent: u8,
    /// The round trip times of the requests that were answered.
    pub(super) round_trips: Vec<Duration>,
    /// The last error that a router or the host reported instead of a reply.
    pub(super) router_error: Option<String>,
}

/// A request under way.
type PendingEcho = BoxFuture<'static, Result<(IcmpPacket, Duration), SurgeError>>;

/// The requests of one check to one address.
pub(super) struct PingSeries {
    pub(super) echoes: Echoes,
    /// The requests that have neither been answered nor timed out.
    pending: FuturesUnordered<PendingEcho>,
    /// When the last request is sent.
    all_sent: Instant,
    /// Receives the replies until it is dropped.
    _client: Client,
}

impl PingSeries {
    /// Starts to send `count` requests. Fails if this system does not permit ICMP sockets.
    pub(super) async fn begin(address: IpAddr, count: u8, timeout: Duration) -> io::Result<Self> {
        let kind = if address.is_ipv4() {
            ICMP::V4
        } else {
            ICMP::V6
        };
        let client = Client::new(&Config::builder().kind(kind).build())?;
        let ident = PingIdentifier(RandomState::new().hash_one(()) as u16);
        let pending = FuturesUnordered::new();
        let began = Instant::now();
        for number in 0..count {
            let mut pinger = client.pinger(address, ident).await;
            pinger.timeout(timeout);
            let at = began + INTERVAL * u32::from(number);
            let request: PendingEcho = Box::pin(async move {
                sleep_until(at).await;
                pinger.ping(PingSequence(number.into()), &[0x75; 56]).await
            });
            pending.push(request);
        }
        Ok(Self {
            echoes: Echoes {
                address,
                sent: count,
                round_trips: Vec::new(),
                router_error: None,
            },
            pending,
            all_sent: began + INTERVAL * u32::from(count - 1),
            _client: client,
        })
    }

    /// Waits until `until` for the first reply. False if none came.
    pub(super) async fn first(&mut self, until: Instant) -> io::Result<bool> {
        while self.echoes.round_trips.is_empty() {
            if !self.next(until).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits for the remaining replies, at most until `until`.
    pub(super) async fn rest(&mut self, until: Instant) -> io::Result<()> {
        let end = |all_sent: Instant| until.min(all_sent.max(Instant::now()) + STRAGGLERS);
        let mut received = self.echoes.round_trips.len();
        let mut wait = end(self.all_sent);
        while self.next(wait).await? {
            if received != self.echoes.round_trips.len() {
                received = self.echoes.round_trips.len();
                wait = wait.min(end(self.all_sent));
            }
        }
        Ok(())
    }

    /// Waits for the next outcome of a request. False if there is none by `until`.
    async fn next(&mut self, until: Instant) -> io::Result<bool> {
        let Ok(Some(echo)) = timeout_at(until, self.pending.next()).await else {
            return Ok(false);
        };
        match echo {
            Ok((packet, time)) => match router_error(&packet) {
                None => self.echoes.round_trips.push(time),
                Some(error) => self.echoes.router_error = Some(error),
            },
            Err(SurgeError::IOError(error)) => return Err(error),
            Err(_) => {}
        }
        Ok(true)
    }
}

/// The error that a router or the host reports of a request that cannot arrive (RFC 792, RFC 4443).
/// `None` for an echo reply.
fn router_error(packet: &IcmpPacket) -> Option<String> {
    let (kind, from) = match packet {
        IcmpPacket::V4(packet) => match packet.get_icmp_type().0 {
            0 => return None,
            3 => ("it cannot be reached", IpAddr::V4(packet.get_source())),
            11 => ("it is too many hops away", IpAddr::V4(packet.get_source())),
            _ => ("the request was refused", IpAddr::V4(packet.get_source())),
        },
        IcmpPacket::V6(packet) => match packet.get_icmpv6_type().0 {
            129 => return None,
            1 => ("it cannot be reached", IpAddr::V6(packet.get_source())),
            3 => ("it is too many hops away", IpAddr::V6(packet.get_source())),
            _ => ("the request was refused", IpAddr::V6(packet.get_source())),
        },
    };
    Some(format!("{kind}, says {from}"))
}

impl Echoes {
    /// The share of lost requests in percent.
    pub(super) fn loss_percent(&self) -> f64 {
        let unanswered = usize::from(self.sent).saturating_sub(self.round_trips.len());
        100.0 * unanswered as f64 / f64::from(self.sent.max(1))
    }

    /// The mean round trip time; 0 without a reply.
    pub(super) fn mean(&self) -> Duration {
        let sum: Duration = self.round_trips.iter().sum();
        sum / u32::try_from(self.round_trips.len().max(1)).unwrap_or(u32::MAX)
    }

    /// The mean round trip time in seconds; 0 without a reply.
    pub(super) fn mean_seconds(&self) -> f64 {
        self.mean().as_secs_f64()
    }

    /// The figures of the check as a detail: counts, `loss` in percent, and `rtt` in seconds.
    pub(super) fn detail(&self) -> Detail {
        let mut detail = Detail::new();
        detail.put("remote", self.address.to_string());
        detail.put("sent", u32::from(self.sent));
        detail.put("received", self.round_trips.len() as f64);
        detail.put("loss", self.loss_percent());
        if let (Some(least), Some(most)) =
            (self.round_trips.iter().min(), self.round_trips.iter().max())
        {
            let mut rtt = Detail::new();
            rtt.put("min", least.as_secs_f64());
            rtt.put("mean", self.mean_seconds());
            rtt.put("max", most.as_secs_f64());
            detail.put("rtt", rtt);
        }
        detail
    }
}
