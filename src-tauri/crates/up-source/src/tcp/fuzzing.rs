//! The entry point for the fuzz targets.

use tokio::io::{join, sink};
use tokio::runtime::Builder;
use up_core::CheckResult;

use super::TcpExpect;
use super::talk::{ReceivedText, Talk, banner};

/// The result of a check whose peer sends `said`.
pub fn tcp(expect: &TcpExpect, said: &[u8]) -> CheckResult {
    let talk =
        Talk::new(Some("PING\r\n"), Some(expect)).expect("the target's own words are usable");
    let (mut stream, mut heard) = (join(said, sink()), ReceivedText::default());
    let runtime = Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime without timers and sockets");
    let held = runtime.block_on(talk.hold(&mut stream, "peer:25", &mut heard));
    let _ = banner(&heard.bytes);
    match held {
        Ok(()) => CheckResult::up(),
        Err(fault) => fault.answer(),
    }
}
