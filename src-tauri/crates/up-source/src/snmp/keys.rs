//! Checks the keys of an `snmp` source beyond their types, and builds its client.

use std::net::Ipv6Addr;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use snmp2::v3::{Auth, AuthProtocol, Cipher, KeyExtension, Security};

use super::user::SnmpUser;
use super::{SnmpAuth, SnmpClient, SnmpConfig, SnmpPrivacy, SnmpVersion};
use crate::net::names;
use crate::{ConfigProblem, Secret, SecretRef, Secrets};

/// The largest length in bytes of a user name (RFC 3414, section 5: `SnmpAdminString`, 1 to 32
/// octets) and of a context name (RFC 3415, section 4).
const MAX_USER: usize = 32;
/// The largest length of a community in bytes. No standard sets a bound; agents accept far less.
const MAX_COMMUNITY: usize = 255;

const V3_ONLY: &str = "this key belongs to version 3";

impl SnmpConfig {
    /// The client of these keys, with its secrets read.
    pub(super) fn client(&self, secrets: &dyn Secrets) -> Result<SnmpClient, ConfigProblem> {
        let version = match self.version {
            SnmpVersion::V1 => snmp2::Version::V1,
            SnmpVersion::V2c => snmp2::Version::V2C,
            SnmpVersion::V3 => return Ok(SnmpClient::User(Box::new(self.user(secrets)?))),
        };
        let given = [
            ("user", self.user.is_some()),
            ("auth", self.auth.is_some()),
            ("auth_password", self.auth_password.is_some()),
            ("privacy", self.privacy.is_some()),
            ("privacy_password", self.privacy_password.is_some()),
            ("context", self.context.is_some()),
        ];
        if let Some((key, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(ConfigProblem::new(key, V3_ONLY).help("write version = \"3\""));
        }
        let community = match &self.community {
            None => Secret::new("public"),
            Some(at) => read(secrets, "community", at)?,
        };
        if community.reveal().len() > MAX_COMMUNITY {
            let text = format!("a community has at most {MAX_COMMUNITY} bytes");
            return Err(ConfigProblem::new("community", text));
        }
        Ok(SnmpClient::Community(version, community))
    }

    /// The user of version 3.
    fn user(&self, secrets: &dyn Secrets) -> Result<SnmpUser, ConfigProblem> {
        if self.community.is_some() {
            return Err(ConfigProblem::new(
                "community",
                "version 3 has users in place of communities",
            )
            .help("write user = \"NAME\", or version = \"2c\""));
        }
        let Some(name) = &self.user else {
            return Err(ConfigProblem::new("version", "version 3 needs a user")
                .help("write user = \"NAME\", and auth and privacy as the agent has them"));
        };
        if name.is_empty() || name.len() > MAX_USER {
            let text = format!("a user's name has 1 to {MAX_USER} bytes");
            return Err(ConfigProblem::new("user", text));
        }
        let context = self.context.as_deref().unwrap_or_default();
        if context.len() > MAX_USER {
            let text = format!("a context's name has at most {MAX_USER} bytes");
            return Err(ConfigProblem::new("context", text));
        }
        let auth = pair(
            secrets,
            ("auth", self.auth),
            ("auth_password", self.auth_password.as_ref()),
            "auth = \"sha256\", or another as the agent has it",
        )?;
        let privacy = pair(
            secrets,
            ("privacy", self.privacy),
            ("privacy_password", self.privacy_password.as_ref()),
            "privacy = \"aes128\", or another as the agent has it",
        )?;
        if auth.is_none() && privacy.is_some() {
            return Err(
                ConfigProblem::new("privacy", "SNMP encrypts only what it authenticates")
                    .help("write auth and auth_password too"),
            );
        }
        Ok(make_user(name, auth, privacy, context))
    }
}

/// Prepares the user for snmp2.
fn make_user(
    name: &str,
    auth: Option<(SnmpAuth, Secret)>,
    privacy: Option<(SnmpPrivacy, Secret)>,
    context: &str,
) -> SnmpUser {
    let words = (
        auth.as_ref().map(|(auth, _)| auth.word()),
        privacy.as_ref().map(|(privacy, _)| privacy.word()),
    );
    let password = auth.as_ref().map_or("", |(_, secret)| secret.reveal());
    let security = Security::new(name.as_bytes(), password.as_bytes()).with_context_name(context);
    let mut extensions: &[KeyExtension] = &[KeyExtension::Blumenthal];
    let security = match (auth, privacy) {
        (None, _) => security.with_auth(Auth::NoAuthNoPriv),
        (Some((auth, _)), None) => security
            .with_auth(Auth::AuthNoPriv)
            .with_auth_protocol(auth.protocol()),
        (Some((auth, _)), Some((privacy, secret))) => {
            let (auth, cipher) = (auth.protocol(), privacy.cipher());
            if cipher.priv_key_needs_extension(&auth) {
                extensions = &[KeyExtension::Blumenthal, KeyExtension::Reeder];
            }
            let privacy_password = secret.reveal().into();
            security.with_auth_protocol(auth).with_auth(Auth::AuthPriv {
                cipher,
                privacy_password,
            })
        }
    };
    SnmpUser {
        name: name.into(),
        auth: words.0,
        privacy: words.1,
        security,
        extensions,
        last_working: AtomicUsize::new(0),
        session: Mutex::new(None),
    }
}

/// Reads an algorithm and its password, which need each other.
fn pair<T>(
    secrets: &dyn Secrets,
    (key, algorithm): (&'static str, Option<T>),
    (password_key, password): (&'static str, Option<&SecretRef>),
    help: &str,
) -> Result<Option<(T, Secret)>, ConfigProblem> {
    match (algorithm, password) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(ConfigProblem::new(
            key,
            format!("{key} needs {password_key}"),
        )),
        (None, Some(_)) => {
            let text = format!("{password_key} without {key}");
            Err(ConfigProblem::new(password_key, text).help(format!("write {help}")))
        }
        (Some(algorithm), Some(at)) => {
            let secret = read(secrets, password_key, at)?;
            // A password needs 8 characters (RFC 3414, section 11.2), but the agent decides whether
            // it accepts a shorter one.
            if secret.reveal().is_empty() {
                return Err(ConfigProblem::new(password_key, "this password is empty"));
            }
            Ok(Some((algorithm, secret)))
        }
    }
}

fn read(secrets: &dyn Secrets, key: &'static str, at: &SecretRef) -> Result<Secret, ConfigProblem> {
    secrets.read(at).map_err(|why| ConfigProblem::new(key, why))
}

/// Checks that `text` is a host name or an address, and removes the brackets around an IPv6
/// address.
pub(super) fn host(text: &str) -> Result<&str, ConfigProblem> {
    let inside = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let usable = match inside {
        Some(inside) => inside.parse::<Ipv6Addr>().is_ok(),
        None => names::is_host(text),
    };
    if usable {
        return Ok(inside.unwrap_or(text));
    }
    let message = format!("{text:?} is neither a host's name nor an address");
    Err(ConfigProblem::new("host", message)
        .help("write the host alone, as in host = \"192.0.2.1\", and its port as port = 161"))
}

impl SnmpAuth {
    /// The name in up.toml.
    fn word(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    fn protocol(self) -> AuthProtocol {
        match self {
            Self::Md5 => AuthProtocol::Md5,
            Self::Sha1 => AuthProtocol::Sha1,
            Self::Sha224 => AuthProtocol::Sha224,
            Self::Sha256 => AuthProtocol::Sha256,
            Self::Sha384 => AuthProtocol::Sha384,
            Self::Sha512 => AuthProtocol::Sha512,
        }
    }
}

impl SnmpPrivacy {
    /// The name in up.toml.
    fn word(self) -> &'static str {
        match self {
            Self::Des => "des",
            Self::Aes128 => "aes128",
            Self::Aes192 => "aes192",
            Self::Aes256 => "aes256",
        }
    }

    fn cipher(self) -> Cipher {
        match self {
            Self::Des => Cipher::Des,
            Self::Aes128 => Cipher::Aes128,
            Self::Aes192 => Cipher::Aes192,
            Self::Aes256 => Cipher::Aes256,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::secret::PlainSecrets;
    use crate::{Configure, Shared};

    /// Builds a source from these keys. Expects its target, or the key with the error and a part of
    /// the message.
    fn check(keys: &Value, expected: Result<&str, (&str, &str)>) {
        let config: SnmpConfig = serde_json::from_value(keys.clone()).expect("keys of their types");
        let built = config.build(&Shared::new(&PlainSecrets));
        match (built, expected) {
            (Ok(built), Ok(target)) => assert_eq!(built.target, target, "{keys}"),
            (Err(problem), Err((key, says))) => {
                assert_eq!(problem.key, key, "{keys}: {problem}");
                assert!(problem.message.contains(says), "{keys}: {problem}");
            }
            (built, expected) => panic!("{keys}: {built:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn hosts_are_names_or_addresses_alone() {
        let host = |host: &str, expected| check(&json!({ "host": host }), expected);
        host("router.example", Ok("router.example:161"));
        host("192.0.2.1", Ok("192.0.2.1:161"));
        host("2001:db8::1", Ok("[2001:db8::1]:161"));
        host("[::1]", Ok("[::1]:161"));
        host("", Err(("host", "neither a host")));
        host("router:161", Err(("host", "neither a host")));
        host("udp://router", Err(("host", "neither a host")));
        host("two words", Err(("host", "neither a host")));
        host("[router", Err(("host", "neither a host")));
        check(&json!({ "host": "a", "port": 1161 }), Ok("a:1161"));
    }

    #[test]
    fn keys_of_one_version_are_mistakes_in_another() {
        for key in ["user", "auth_password", "privacy_password", "context"] {
            check(
                &json!({ "host": "a", key: "b" }),
                Err((key, "belongs to version 3")),
            );
        }
        let auth = json!({ "host": "a", "version": "1", "auth": "sha1" });
        check(&auth, Err(("auth", "belongs to version 3")));
        let community = json!({ "host": "a", "version": "3", "user": "b", "community": "c" });
        check(&community, Err(("community", "users")));
        let long = json!({ "host": "a", "community": "x".repeat(256) });
        check(&long, Err(("community", "at most 255")));
    }

    #[test]
    fn a_user_has_what_its_security_needs() {
        let user = |more: Value, expected| {
            let mut keys = json!({ "host": "a", "version": "3" });
            let all = keys.as_object_mut().expect("an object");
            all.extend(more.as_object().expect("an object").clone());
            check(&keys, expected);
        };
        let ok = Ok("a:161");
        user(json!({}), Err(("version", "needs a user")));
        user(json!({ "user": "" }), Err(("user", "1 to 32")));
        user(json!({ "user": "b" }), ok);
        user(
            json!({ "user": "b", "context": "x".repeat(33) }),
            Err(("context", "at most 32")),
        );
        let auth = |more: Value| {
            let mut keys = json!({ "user": "b", "auth": "sha256", "auth_password": "12345678" });
            let all = keys.as_object_mut().expect("an object");
            all.extend(more.as_object().expect("an object").clone());
            keys
        };
        user(auth(json!({})), ok);
        user(
            json!({ "user": "b", "auth": "md5" }),
            Err(("auth", "needs auth_password")),
        );
        user(
            json!({ "user": "b", "auth_password": "12345678" }),
            Err(("auth_password", "without auth")),
        );
        user(
            auth(json!({ "auth_password": "" })),
            Err(("auth_password", "empty")),
        );
        user(
            auth(json!({ "privacy": "des" })),
            Err(("privacy", "needs privacy_password")),
        );
        user(
            auth(json!({ "privacy": "aes256", "privacy_password": "" })),
            Err(("privacy_password", "empty")),
        );
        user(
            auth(json!({ "privacy": "aes256", "privacy_password": "12345678" })),
            ok,
        );
        user(
            json!({ "user": "b", "privacy": "aes128", "privacy_password": "12345678" }),
            Err(("privacy", "authenticates")),
        );
    }

    #[test]
    fn a_secret_that_cannot_be_read_names_its_key() {
        let elsewhere = json!({ "env": "NAME" });
        check(
            &json!({ "host": "a", "community": elsewhere }),
            Err(("community", "plain")),
        );
    }
}
