//! Why something is not up: one closed list of codes, and a sentence for a person.

use serde::{Deserialize, Serialize};

pub use crate::line::one_line;

/// Declares the closed list in one place: the variant, the code, and its meaning in the manual.
macro_rules! cause_codes {
    ($($variant:ident = $code:literal: $meaning:literal,)*) => {
        /// The closed list of cause codes. Scripts and the panel compare these codes, never the
        /// sentences.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum CauseCode {
            $(#[doc = $meaning] $variant,)*
        }

        impl CauseCode {
            /// All codes, in the order of the manual.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is written in JSON, in MongoDB and to the panel.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The meaning of the code, in one line.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

cause_codes! {
    Dns = "dns": "the host's name could not be resolved",
    Refused = "refused": "the connection was refused: nothing listens there",
    Unreachable = "unreachable": "no route to the host or its network",
    Timeout = "timeout": "no complete answer before the deadline",
    Reset = "reset": "the connection was closed or reset before an answer",
    Tls = "tls": "the TLS handshake failed, or the certificate is not to be trusted",
    HttpStatus = "http_status": "the final HTTP status is not one that is expected",
    Redirect = "redirect": "too many redirects, a loop, or one that leads nowhere usable",
    Truncated = "truncated": "the answer ended before it was complete",
    TooLarge = "too_large": "the answer is larger than the bound",
    Body = "body": "the body could not be decoded or read as what it should be",
    Protocol = "protocol": "the answer is not what the protocol allows",
    Expect = "expect": "an expectation was not met",
    Reported = "reported": "the far side itself reports that it is not completely up",
    Word = "word": "the far side used a status word that is not known",
    Agent = "agent": "the SNMP agent answered with an error",
    Missing = "missing": "what was asked for does not exist there",
    Credentials = "credentials": "the credentials were refused",
    Silent = "silent": "the agent that checks it has not written for longer than three of its intervals",
    Exit = "exit": "the command's exit code says so",
    Permission = "permission": "this system does not permit the check",
    Resource = "resource": "this machine ran out of something (files, memory, ports) during the check",
    Secret = "secret": "a secret that the check needs could not be read",
    Internal = "internal": "the check itself failed; this is a defect in Up",
}

impl std::fmt::Display for CauseCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for CauseCode {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
            .find(|c| c.code() == code)
            .ok_or(())
    }
}

/// Why a sample is not up: a code from the closed list, and a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// The code.
    pub code: CauseCode,
    /// The sentence, in one line, without secrets, of at most [`Cause::MAX_TEXT`] bytes.
    pub text: Box<str>,
}

impl Cause {
    /// The longest sentence, in bytes. A peer's text may be of any length.
    pub const MAX_TEXT: usize = 300;

    /// A cause. Its text becomes one bounded line without control characters.
    pub fn new(code: CauseCode, text: impl AsRef<str>) -> Self {
        Self {
            code,
            text: one_line(text.as_ref(), Self::MAX_TEXT).into(),
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_their_serde_names_are_the_same_words() {
        for code in CauseCode::ALL {
            let back = code.code().parse::<CauseCode>();
            assert_eq!(back, Ok(*code), "{code} parses back");
            assert!(!code.meaning().is_empty());
        }
    }
}
