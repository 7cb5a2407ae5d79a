//! A way in for the fuzz targets.

use futures_util::FutureExt as _;
use tokio::io::{join, sink};
use up_core::Answer;

use super::TcpExpect;
use super::talk::{Talk, banner};

/// What becomes of `said`, where `expect` is waited for.
pub fn tcp(expect: &TcpExpect, said: &[u8]) -> Answer {
    let talk =
        Talk::new(Some("PING\r\n"), Some(expect)).expect("the target's own words are usable");
    let (mut stream, mut heard) = (join(said, sink()), Vec::new());
    let held = talk.hold(&mut stream, "peer:25", &mut heard).now_or_never();
    let _ = banner(&heard);
    match held.expect("what is in memory is never waited for") {
        Ok(()) => Answer::up(),
        Err(fault) => fault.answer(),
    }
}
