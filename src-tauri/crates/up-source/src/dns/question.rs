//! A question as it goes out: with EDNS, and without it for servers that do not take it.

use hickory_proto::op::{Edns, Message, Query, ResponseCode};

/// One question.
#[derive(Clone, Debug)]
pub(super) struct DnsQuestion {
    /// With EDNS (RFC 6891); `None` when it is not asked so.
    edns: Option<Message>,
    /// The same without, under the same id.
    plain: Message,
}

impl DnsQuestion {
    /// The question for `query`, with an id that no one off the path can guess.
    pub(super) fn new(query: Query, dnssec: bool) -> Self {
        /// What passes unfragmented nearly everywhere (DNS flag day 2020).
        const UDP_PAYLOAD: u16 = 1232;
        let Self { mut plain, .. } = Self::without_edns(query);
        // Asks for the flag in the answer (RFC 6840, section 5.7).
        plain.metadata.authentic_data = dnssec;
        let mut message = plain.clone();
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD);
        edns.set_dnssec_ok(dnssec);
        message.set_edns(edns);
        Self {
            edns: Some(message),
            plain,
        }
    }

    /// The same that is never asked with EDNS.
    pub(super) fn without_edns(query: Query) -> Self {
        let mut plain = Message::query();
        plain.metadata.recursion_desired = true;
        plain.add_query(query);
        Self { edns: None, plain }
    }

    /// The same under that id.
    pub(super) fn with_id(mut self, id: u16) -> Self {
        self.plain.metadata.id = id;
        if let Some(edns) = &mut self.edns {
            edns.metadata.id = id;
        }
        self
    }

    /// How it is asked first.
    pub(super) fn first(&self) -> &Message {
        self.edns.as_ref().unwrap_or(&self.plain)
    }

    /// How it is asked of a server that does not take it as it is asked first.
    pub(super) fn second(&self) -> Option<&Message> {
        self.edns.as_ref().map(|_| &self.plain)
    }

    /// True when `answer` may be what a server from before EDNS says to it.
    pub(super) fn is_misunderstood(&self, answer: &Message) -> bool {
        // 16 is BADVERS, and BADSIG, which no unsigned question earns.
        self.edns.is_some()
            && matches!(
                answer.metadata.response_code,
                ResponseCode::FormErr
                    | ResponseCode::NotImp
                    | ResponseCode::ServFail
                    | ResponseCode::BADVERS
                    | ResponseCode::BADSIG
            )
    }
}
