//! The signature of a webhook by the Standard Webhooks specification. A receiver that shares the
//! secret can verify that a notice is authentic, complete and recent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The value of the header `webhook-signature`: an HMAC-SHA256 over the id, the time in Unix
/// seconds and the body. A secret that begins with `whsec_` is base64 after that prefix; any other
/// is used as it is.
pub(super) fn signature(secret: &str, id: &str, at: u64, body: &[u8]) -> String {
    let key = secret
        .strip_prefix("whsec_")
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .unwrap_or_else(|| secret.as_bytes().to_vec());
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes a key of any length");
    for part in [id.as_bytes(), b".", at.to_string().as_bytes(), b".", body] {
        mac.update(part);
    }
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the test suites of the specification's reference libraries.
    #[test]
    fn it_is_the_specifications() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        assert_eq!(
            signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_without_the_prefix_is_taken_as_it_is() {
        let plain = signature("key", "1", 2, b"");
        assert_eq!(plain, signature("whsec_a2V5", "1", 2, b""));
        assert_ne!(plain, signature("whsec_???", "1", 2, b""));
    }
}
