//! Attribution: whether the failure that a sample shows can be this machine's network's fault.

use super::reach::Proof;
use crate::cause::CauseCode;
use crate::hold::Hold;
use crate::sample::Sample;
use crate::status::Status;

/// What a sample says about this machine's network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribution {
    /// The source answered. If the answer is bad, it is the host's own.
    Answered,
    /// The check could not be made for lack of something on this machine other than its network.
    Ours,
    /// A name was not resolved.
    Name,
    /// The check failed, or someone else may have answered in the host's place.
    Doubtful,
}

/// Rows 1 to 4 of the table in the parent module.
pub(super) fn attribute(sample: &Sample, hold: Option<Hold>, proof: Proof) -> Attribution {
    let Some(cause) = &sample.cause else {
        return match sample.status {
            Some(status) if status == Status::UP => Attribution::Answered,
            _ if hold.is_some() => Attribution::Answered,
            _ => Attribution::Doubtful,
        };
    };
    match cause.code {
        CauseCode::Dns => Attribution::Name,
        CauseCode::Permission | CauseCode::Resource | CauseCode::Secret | CauseCode::Internal => {
            Attribution::Ours
        }
        // Only the real source gives an answer of this form.
        CauseCode::Reported | CauseCode::Word | CauseCode::Agent | CauseCode::Silent => {
            Attribution::Answered
        }
        // A captive portal can give an application-level answer too. It proves that the host was
        // reached only if TLS verified the host.
        CauseCode::HttpStatus
        | CauseCode::Body
        | CauseCode::TooLarge
        | CauseCode::Protocol
        | CauseCode::Expect
        | CauseCode::Missing
        | CauseCode::Credentials
            if proof == Proof::Verified =>
        {
            Attribution::Answered
        }
        _ => Attribution::Doubtful,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Cause;
    use crate::detail::Detail;

    fn check(status: Option<f64>, cause: Option<CauseCode>, proof: Proof, expected: Attribution) {
        let sample = Sample {
            status: status.and_then(Status::new),
            date: 0.0,
            duration: 0.1,
            cause: cause.map(|code| Cause::new(code, "x")),
            detail: Detail::new(),
        };
        assert_eq!(
            attribute(&sample, None, proof),
            expected,
            "{sample:?} {proof:?}"
        );
    }

    #[test]
    fn whose_a_failure_can_be() {
        check(Some(1.0), None, Proof::Nothing, Attribution::Answered);
        for code in [
            CauseCode::Timeout,
            CauseCode::Refused,
            CauseCode::Reset,
            CauseCode::Unreachable,
            CauseCode::Tls,
            CauseCode::Redirect,
            CauseCode::Truncated,
            CauseCode::Exit,
        ] {
            check(
                Some(0.0),
                Some(code),
                Proof::Verified,
                Attribution::Doubtful,
            );
        }
        check(
            Some(0.0),
            Some(CauseCode::Dns),
            Proof::Verified,
            Attribution::Name,
        );
        for code in [
            CauseCode::Permission,
            CauseCode::Resource,
            CauseCode::Secret,
            CauseCode::Internal,
        ] {
            check(None, Some(code), Proof::Answer, Attribution::Ours);
        }
    }

    #[test]
    fn a_portal_can_say_what_is_not_verified() {
        for code in [CauseCode::HttpStatus, CauseCode::Expect, CauseCode::Body] {
            check(Some(0.0), Some(code), Proof::Answer, Attribution::Doubtful);
            check(
                Some(0.0),
                Some(code),
                Proof::Verified,
                Attribution::Answered,
            );
        }
        check(
            Some(0.5),
            Some(CauseCode::Expect),
            Proof::Verified,
            Attribution::Answered,
        );
    }
}
