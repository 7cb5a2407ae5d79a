//! A way in for the fuzz targets.

use hickory_proto::op::Message;
use up_core::Answer;

use super::{exchange, verdict};

/// What is made of a message: as the answer to its own question, and to another.
pub fn dns(bytes: &[u8]) -> Option<Answer> {
    let _ = exchange::read(bytes, &Message::query(), "resolver:53");
    let message = exchange::message(bytes)?;
    let asked = message.queries.first()?;
    let answer = verdict::of(&message, asked, Some(&["192.0.2.1".to_owned()]), true);
    if let Some(first) = message.answers.first() {
        let _ = verdict::answers(&message, first.data.record_type());
    }
    Some(answer)
}
