//! The entry point for the fuzz targets.

use tokio::io::{join, sink};
use tokio::runtime::Builder;
use up_core::CheckResult;

use super::TcpExpect;
use super::talk::{ReceivedText, Talk, banner};

/// The result of a check whose peer sends `sent`.
pub fn tcp(expect: &TcpExpect, sent: &[u8]) -> CheckResult {
    let talk =
        Talk::new(Some("PING\r\n"), Some(expect)).expect("the target's own words are usable");
    let (mut stream, mut received) = (join(sent, sink()), ReceivedText::default());
    let runtime = Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime without timers and sockets");
    let ended = runtime.block_on(talk.run(&mut stream, "peer:25", &mut received));
    let _ = banner(&received.bytes);
    match ended {
        Ok(()) => CheckResult::up(),
        Err(fault) => fault.check_result(),
    }
}
