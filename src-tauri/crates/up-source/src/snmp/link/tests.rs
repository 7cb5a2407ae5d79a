//! Tests of agents with several addresses, each of which behaves in its own way.

use super::*;

const TIMEOUT: Duration = Duration::from_secs(8);

/// How a socket treats the requests that reach it.
#[derive(Clone, Copy, Debug)]
enum SocketBehaviour {
    Silent,
    /// Sends something that is no answer.
    Odd,
    Answers,
    /// There is no socket.
    Refuses,
}

/// Sends a request to those addresses, in that order. Each answer says how many requests had come.
async fn ask(peers: &[SocketBehaviour], timeout: Duration) -> Result<u8, LinkFailure> {
    let mut addresses = Vec::new();
    let mut tasks = Vec::new();
    for peer in peers {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        addresses.push(socket.local_addr().unwrap());
        let says = match peer {
            SocketBehaviour::Silent => None,
            SocketBehaviour::Odd => Some(b'?'),
            SocketBehaviour::Answers => Some(b'!'),
            SocketBehaviour::Refuses => continue,
        };
        tasks.push(tokio::spawn(async move {
            let mut buffer = [0; 16];
            while let Ok((_, from)) = socket.recv_from(&mut buffer).await {
                if let Some(word) = says {
                    let _ = socket.send_to(&[word], from).await;
                }
            }
        }));
    }
    let context = CheckContext::starting_now(timeout);
    let mut link = AgentLink::over(addresses, "agent:161", &context);
    let read = |bytes: &[u8]| match bytes {
        b"!" => ReceivedDatagram::Answer(bytes[0]),
        _ => ReceivedDatagram::Malformed("odd".into()),
    };
    let outcome = link.exchange(b"request", context.deadline, read).await;
    for task in tasks {
        task.abort();
    }
    outcome
}

#[tokio::test]
async fn an_agent_is_found_whatever_its_other_addresses_do() {
    use SocketBehaviour::{Answers, Odd, Refuses, Silent};
    let check = async |peers: &[SocketBehaviour]| {
        let start = Instant::now();
        let outcome = ask(peers, TIMEOUT).await;
        assert!(matches!(outcome, Ok(b'!')), "{peers:?}: {outcome:?}");
        assert!(start.elapsed() < TIMEOUT, "{peers:?}");
    };
    check(&[Answers]).await;
    check(&[Silent, Answers]).await;
    check(&[Refuses, Silent, Odd, Answers]).await;
    check(&[[Silent; 8].as_slice(), &[Answers]].concat()).await;
    check(&[[Silent; 40].as_slice(), &[Answers]].concat()).await;
    check(&[[Refuses; 20].as_slice(), &[Answers]].concat()).await;
    check(&[[Odd; 20].as_slice(), &[Answers]].concat()).await;
}

#[tokio::test]
async fn what_is_said_where_no_address_answers() {
    use SocketBehaviour::{Odd, Refuses, Silent};
    let check = async |peers: &[SocketBehaviour], expected: Option<CauseCode>| {
        let code = match ask(peers, Duration::from_millis(500)).await {
            Err(LinkFailure::Fault(fault)) => Some(fault.code),
            Err(LinkFailure::Silence) => None,
            Ok(answer) => panic!("{peers:?}: {answer}"),
        };
        assert_eq!(code, expected, "{peers:?}");
    };
    check(&[Silent, Silent], None).await;
    check(&[Refuses, Silent], None).await;
    check(&[Refuses, Refuses], Some(CauseCode::Refused)).await;
    check(&[Silent, Odd], Some(CauseCode::Protocol)).await;
    check(&[Odd, Odd], Some(CauseCode::Protocol)).await;
}
