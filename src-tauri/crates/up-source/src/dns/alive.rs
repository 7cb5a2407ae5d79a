//! Whether the system's resolvers work: an outage of them is not the fault of the source that was
//! looked up.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hickory_proto::op::{Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::time::{Instant, timeout};

use super::question::DnsQuestion;
use super::{config, exchange};

/// True when one of the system's resolvers answers a query for the name servers of the root zone
/// within `within`. A resolver that cannot reach any other answers SERVFAIL, which counts as no
/// answer.
///
/// A Unix without configured resolvers uses one on this machine (resolv.conf(5)), which is seldom
/// there. `None` when the system's resolvers cannot be found out.
pub(crate) async fn resolver_answers(within: Duration) -> Option<bool> {
    let mut resolvers = match config::system_resolvers() {
        Ok(resolvers) => resolvers,
        Err(_) if cfg!(unix) => Vec::new(),
        Err(_) => return None,
    };
    if resolvers.is_empty() {
        if !cfg!(unix) {
            return None;
        }
        resolvers.push((Ipv4Addr::LOCALHOST, 53).into());
    }
    Some(any_answers(&resolvers, within).await)
}

async fn any_answers(resolvers: &[SocketAddr], within: Duration) -> bool {
    let until = Instant::now() + within;
    let queries = resolvers.iter().map(|one| answers(*one, until));
    let mut queries: FuturesUnordered<_> = queries.collect();
    let any = async {
        while let Some(answers) = queries.next().await {
            if answers {
                return true;
            }
        }
        false
    };
    timeout(within, any).await.unwrap_or(false)
}

async fn answers(resolver: SocketAddr, until: Instant) -> bool {
    let query = Query::query(Name::root(), RecordType::NS);
    let question = DnsQuestion::without_edns(query);
    let answer = exchange::ResolverTransport::Udp
        .query(&question, resolver, until)
        .await;
    // REFUSED counts as an answer: a resolver may not allow this query.
    answer.is_ok_and(|answer| answer.metadata.response_code != ResponseCode::ServFail)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A resolver that answers each query with the response code `code`; with `None` it never
    /// answers.
    async fn resolver(code: Option<u8>) -> SocketAddr {
        let socket = tokio::net::UdpSocket::bind(("127.0.0.1", 0)).await;
        let socket = socket.expect("a free port");
        let address = socket.local_addr().expect("it is bound");
        tokio::spawn(async move {
            let mut packet = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                if let Some(code) = code {
                    // The flags of a response with recursion available. The rest of the packet
                    // stays the query.
                    (packet[2], packet[3]) = (0x81, 0x80 | code);
                    let _ = socket.send_to(&packet[..length], from).await;
                }
            }
        });
        address
    }

    async fn check(codes: &[Option<u8>], expected: bool) {
        let mut resolvers = Vec::new();
        for code in codes {
            resolvers.push(resolver(*code).await);
        }
        let found = any_answers(&resolvers, Duration::from_millis(1_500)).await;
        assert_eq!(found, expected, "{codes:?}");
    }

    #[tokio::test]
    async fn any_answer_but_a_failure_counts() {
        check(&[Some(0)], true).await;
        check(&[Some(5)], true).await;
        check(&[Some(2)], false).await;
        check(&[None, Some(0)], true).await;
        check(&[Some(2), None], false).await;
    }
}
