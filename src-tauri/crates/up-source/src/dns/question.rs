//! The query message: with EDNS, and without it for servers that do not understand it.

use hickory_proto::op::{Edns, Message, Query, ResponseCode};

/// One query in up to two forms.
#[derive(Clone, Debug)]
pub(super) struct DnsQuestion {
    /// The form with EDNS (RFC 6891); `None` when EDNS is never used.
    edns: Option<Message>,
    /// The form without EDNS, with the same id.
    plain: Message,
}

impl DnsQuestion {
    /// Both forms of `query`, with a random id. With `dnssec`, the resolver is asked to report
    /// whether it verified the signatures.
    pub(super) fn new(query: Query, dnssec: bool) -> Self {
        /// The largest UDP answer that passes unfragmented nearly everywhere (DNS flag day 2020).
        const UDP_PAYLOAD: u16 = 1232;
        let Self { mut plain, .. } = Self::without_edns(query);
        // Asks for the AD flag in the answer (RFC 6840, section 5.7).
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

    /// The form of `query` without EDNS alone.
    pub(super) fn without_edns(query: Query) -> Self {
        let mut plain = Message::query();
        plain.metadata.recursion_desired = true;
        plain.add_query(query);
        Self { edns: None, plain }
    }

    /// The same query with the id `id`.
    pub(super) fn with_id(mut self, id: u16) -> Self {
        self.plain.metadata.id = id;
        if let Some(edns) = &mut self.edns {
            edns.metadata.id = id;
        }
        self
    }

    /// The form that is sent first.
    pub(super) fn first(&self) -> &Message {
        self.edns.as_ref().unwrap_or(&self.plain)
    }

    /// The form for a server that does not understand the first one; `None` when there is no other.
    pub(super) fn second(&self) -> Option<&Message> {
        self.edns.as_ref().map(|_| &self.plain)
    }

    /// True when `answer` may come from a server that does not understand EDNS (RFC 6891, section
    /// 7).
    pub(super) fn may_lack_edns(&self, answer: &Message) -> bool {
        // The code 16 is BADVERS. It is also BADSIG, which only signed queries receive.
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
